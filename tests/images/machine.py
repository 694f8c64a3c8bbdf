"""A folder that stands for a machine, on which the system's shell runs what a builder is told."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from apps.images.builder import Printed, compose, read

NONCE = "0123456789abcdef0123456789abcdef"
SECRET = "X-Amz-Signature=5ec2e7"
SWITCH = '#!/bin/sh\nprintf "%s" "$*" >"$BAKE_ROOT/../switched-off"\nkill "$PPID"\n'
LEFT = {  # what a machine has of itself, and an image must not have
    "etc/ssh/ssh_host_ed25519_key": "private",
    "etc/ssh/ssh_host_ed25519_key.pub": "public",
    "var/lib/cloud/instance/user-data.txt": SECRET,
    "var/lib/cloud/instance/scripts/part-001": SECRET,
    "var/lib/cloud/data/instance-id": "i-0123",
    "var/lib/systemd/random-seed": "seed",
    "var/log/cloud-init-output.log": SECRET,
    "var/log/journal/0123/system.journal": SECRET,
    "root/.bash_history": "export TOKEN=1",
    "root/.netrc": "machine packages login me password secret",
    "root/.config/pip/pip.conf": "[global]",
    "home/admin/.bash_history": "sudo -i",
    ".user-data-abc": SECRET,
    "tmp/build/wheel": "",
}
KEPT = {
    "etc/ssh/sshd_config": "PermitRootLogin no\n",
    "etc/app.conf": "port = 80\n",
    "etc/with space.conf": "x\n",
    "var/lib/cloud/seed/nocloud/meta-data": "",
    "srv/app/main.py": "",
    "srv/app/Some_Lib-2.0.dist-info/METADATA": "Name: Some_Lib\r\nVersion: 2.0\r\n\r\nName: of the text\n",
}


class Machine:
    """A folder that stands for a machine's root, and a PATH on which it can be switched off."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.bin = folder / "bin"
        self.off = folder / "switched-off"
        self.path = os.environ["PATH"]
        self.home = Path("/nonexistent")
        self.bin.mkdir(parents=True)
        (self.bin / "shutdown").write_text(SWITCH)
        (self.bin / "shutdown").chmod(0o755)
        for name, text in {**LEFT, **KEPT, "etc/machine-id": "0123\n", "var/lib/dbus/machine-id": "0123\n"}.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def bake(self, commands: str, url: str = "", **options: str) -> tuple[Printed, str]:
        recipe = {"provisioner": "script", "repository": "here", "options": {"commands": commands, **options}}
        return self.run(recipe, "app", "1.0", url)

    def run(self, recipe: Mapping[str, Any], package: str, version: str, url: str = "") -> tuple[Printed, str]:
        """What it printed, read and as it was; it has switched itself off."""
        script = compose(recipe, package, version, NONCE, url)
        environment = {"PATH": f"{self.bin}:{self.path}", "BAKE_ROOT": str(self.root), "HOME": str(self.home)}
        told = self.root.parent / "user-data"
        told.write_text(script)
        command = [*([] if os.geteuid() == 0 else ["unshare", "-r"]), "/bin/sh", str(told)]  # packages want root
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.stderr == ""
        assert self.off.read_text() == "-h now"
        return read(done.stdout, NONCE), done.stdout

    def files(self) -> set[str]:
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*") if not path.is_dir()}

    def holding(self, text: str) -> list[str]:
        """The files that hold a text."""
        return [name for name in sorted(self.files()) if text in (self.root / name).read_text(errors="replace")]
