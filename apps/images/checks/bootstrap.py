"""Making a root of another distribution for checks, by that distribution's own tools: once, by a person."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from apps.images.checks import roots

APT_PACKAGES = ("ca-certificates", "python3")
DNF_PACKAGES = ("ca-certificates", "coreutils", "dnf", "findutils", "python3", "system-release")
OURS = "check-root"  # what dnf calls the repository


class NotMadeError(Exception):
    """The root could not be made; the text says why, and what to do."""


@dataclass(frozen=True)
class Wanted:
    """A release of a distribution at a repository: `suite` of Debian's kind, or `release` of an RPM distribution.

    `key` is the file, of RPM distributions the address too, with the key that signs it; empty: those of this machine.
    """

    repository: str
    suite: str = ""
    release: str = ""
    key: str = ""
    unsigned: bool = False
    also: tuple[str, ...] = ()  # packages beside those that every check needs


def make(wanted: Wanted, folder: Path) -> Path:
    """Makes the root in `folder`, named as its own os-release has it, in the place of an older one of that name.

    Takes some minutes; raises NotMadeError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".made-", dir=folder) as place:
        root = Path(place, "root")
        root.mkdir(mode=0o755)
        _run(_apt(wanted, root) if wanted.suite else _dnf(wanted, root))
        names = roots.named(root)
        if not names:
            raise NotMadeError(f"What {wanted.repository} has says nowhere of which distribution it is (os-release).")
        root.chmod(0o755)  # checks read it as users who own nothing
        made = folder / names[0]
        if made.exists():
            made.rename(Path(place, "older"))
        return root.rename(made)


def _apt(wanted: Wanted, root: Path) -> list[str]:
    packages = ",".join([*APT_PACKAGES, *wanted.also])
    key = [f"--keyring={wanted.key}"] if wanted.key else []
    chosen = ["--variant=minbase", f"--include={packages}", *key]
    where = [wanted.suite, str(root), *filter(None, [wanted.repository])]  # without one, the tool's own of the suite
    if shutil.which("mmdebstrap"):
        signed = ["--aptopt=APT::Get::AllowUnauthenticated true"] if wanted.unsigned else []
        return ["mmdebstrap", *chosen, *signed, *where]
    if shutil.which("debootstrap"):
        signed = ["--no-check-gpg"] if wanted.unsigned else []
        return ["debootstrap", *chosen, *signed, *where]
    raise NotMadeError("Neither mmdebstrap nor debootstrap is here. Install one: apt-get install mmdebstrap")


def _dnf(wanted: Wanted, root: Path) -> list[str]:
    if not shutil.which("dnf"):
        raise NotMadeError("There is no dnf here. Install it, on Debian too: apt-get install dnf")
    if not wanted.repository:
        raise NotMadeError("Name the distribution's repository; an RPM distribution's is not known here.")
    if not (wanted.key or wanted.unsigned):
        raise NotMadeError("Name the key that signs the packages: --key https://.../RPM-GPG-KEY, or a file.")
    key = Path(wanted.key).resolve().as_uri() if wanted.key and "://" not in wanted.key else wanted.key
    told = {"gpgcheck": 0 if wanted.unsigned else 1, **({"gpgkey": key} if key else {})}
    options = [f"--setopt={OURS}.{name}={value}" for name, value in told.items()]
    apart = [f"--installroot={root}", f"--releasever={wanted.release}", "--setopt=reposdir=/nonexistent"]
    where = [f"--repofrompath={OURS},{wanted.repository}", f"--repo={OURS}", *options]
    small = ["--setopt=install_weak_deps=False", "--setopt=keepcache=False"]
    return ["dnf", "-q", "-y", *apart, *where, *small, "install", *DNF_PACKAGES, *wanted.also]


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise NotMadeError(f"{command[0]} ended with status {done.returncode}. It says: {' '.join(last)}")
