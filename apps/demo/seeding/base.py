"""The base image that the samples are baked upon: what a machine has before any package is installed on it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from apps.demo.embedded.process import package_folder
from apps.demo.packages import wheels
from apps.demo.seeding.images import SCHEME
from apps.demo.seeding.packaged import ENVIRONMENT
from apps.demo.seeding.place import Place

NAME, VERSION = "shop-base", "2026.11"
PIP = "pip.whl"  # where the provisioner of wheels looks for it
SERVICE = Path(__file__).parent / "base_service.py"
# What the machine that the image was made on left in it. A bake removes what no two machines may share.
LEFT = {
    "etc/hostname": "builder-17\n",
    "etc/machine-id": "6f1c1d0b7a5e4f2f9b83c2a9d4e0a717\n",
    "etc/os-release": f'NAME="Shop Base"\nID=shop-base\nVERSION_ID="{VERSION}"\n',
    "etc/ssh/ssh_host_ed25519_key": "the host key of builder-17\n",
    "etc/ssh/ssh_host_ed25519_key.pub": "ssh-ed25519 AAAA builder-17\n",
    "var/lib/cloud/data/instance-id": "i-0b17b17b17b17b17b\n",
    "var/log/cloud-init.log": "cloud-init: finished on builder-17\n",
}
_NOT_PACKED = {".pyc", ".exe"}


def register_all(places: Mapping[tuple[str, str], Place], tree: Path) -> list[dict[str, str]]:
    """Makes the base image's tree, and of it an AMI in each region that bakes; answers region and AMI id of each."""
    build(tree)
    return [
        {"region": region, "image": _register(place, tree)}
        for (environment, region), place in places.items()
        if environment == ENVIRONMENT
    ]


def build(tree: Path) -> None:
    """Writes the tree: a service that starts what is installed, an installer, and leftovers."""
    for name, content in LEFT.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    shutil.copyfile(SERVICE, tree / "service.py")
    pack_pip(tree / PIP)


def pack_pip(path: Path) -> None:
    """The pip that is installed here as one file: `python3 pip.whl/pip install ...`."""
    folder = package_folder("pip")
    held = {
        str(each.relative_to(folder.parent)): each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_file() and each.suffix not in _NOT_PACKED
    }
    wheels.pack(path, held)


def _register(place: Place, tree: Path) -> str:
    registered: str = place.ec2.register_image(
        Name=f"{NAME}-{VERSION}-x86_64",
        Description=f"{NAME} {VERSION}: Python, pip and nothing else",
        Architecture="x86_64",
        RootDeviceName="/dev/xvda",
        VirtualizationType="hvm",
        ImageLocation=f"{SCHEME}{tree.resolve()}",
        TagSpecifications=[
            {"ResourceType": "image", "Tags": [{"Key": "Name", "Value": f"{NAME} {VERSION}"}]},
        ],
    )["ImageId"]
    return registered
