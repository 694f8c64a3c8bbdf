"""`python tools/system.py`: makes sure that the tests have what pip cannot install.

A Chromium with a font, curl, what makes and installs Debian and RPM packages, and the system's own PostgreSQL and Redis
beside the embedded ones. As root on Debian it installs what is missing; elsewhere it stops with the one command that
does. It never lets tests be skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
POSTGRES_FOLDERS = Path("/usr/lib/postgresql")  # where Debian puts each version; others put `postgres` on PATH
INSTALL = {  # how each package manager is called
    "apt-get": "sudo apt-get install -y",
    "dnf": "sudo dnf install -y",
    "pacman": "sudo pacman -S",
    "apk": "sudo apk add",
}


def browser() -> str | None:
    """The browser's path: $CHROMIUM, else the first of the usual names on PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def curl() -> str | None:
    return shutil.which("curl")


def postgres() -> str | None:
    """The folder of the system's own `postgres` and `initdb`: the newest of Debian's, else that on PATH."""
    folders = sorted(POSTGRES_FOLDERS.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    found = str(folders[-1]) if folders else shutil.which("postgres")
    return str(Path(found).resolve().parent) if found else None


def debian() -> str | None:
    """What makes and installs Debian packages, where all of it is there."""
    return _all_of("apt-get", "dpkg-deb")


def rpm() -> str | None:
    """What makes and installs RPM packages, where all of it is there."""
    return _all_of("dnf", "rpmbuild", "createrepo_c")


def redis() -> str | None:
    """The system's own Redis server."""
    return shutil.which("redis-server")


def _all_of(*programs: str) -> str | None:
    found = [shutil.which(program) for program in programs]
    return found[0] if all(found) else None


# what is needed, how it is found, and the packages that bring it, by package manager in the order of INSTALL
NEEDS: dict[str, tuple[Callable[[], str | None], tuple[str, str, str, str]]] = {
    "curl": (curl, ("curl", "curl", "curl", "curl")),
    "PostgreSQL": (postgres, ("postgresql", "postgresql-server", "postgresql", "postgresql")),
    "Redis": (redis, ("redis-server", "redis", "redis", "redis")),
    "Debian's package tools": (debian, ("apt dpkg", "apt dpkg", "apt dpkg", "apt dpkg")),
    "RPM's package tools": (
        rpm,
        (
            "dnf rpm createrepo-c",
            "dnf rpm-build createrepo_c",
            "dnf rpm-tools createrepo_c",
            "dnf rpm createrepo_c",
        ),
    ),
    "Chromium": (
        browser,
        ("chromium fonts-dejavu-core", "chromium dejavu-sans-fonts", "chromium ttf-dejavu", "chromium font-dejavu"),
    ),
}


def main() -> int:
    """Answers the exit status: 0 when all is there at the end."""
    if not missing():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        packages = _packages("apt-get")
        print(f"Installing for the tests: {packages}", flush=True)
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages.split()]):
            subprocess.run(["apt-get", *arguments], env=environment, check=False, stdout=subprocess.DEVNULL)
    still = missing()
    if not still:
        return 0
    words = " and ".join(filter(None, (", ".join(still[:-1]), still[-1])))
    print(f"The tests need {words}. Install with: {command()}", file=sys.stderr)
    if "Chromium" in still:
        print("or name one that is installed: CHROMIUM=/path/to/chromium make test", file=sys.stderr)
    return 1


def missing() -> list[str]:
    """What the tests need and is not there."""
    return [name for name, (found, _) in NEEDS.items() if not found()]


def command() -> str:
    """What installs all that is missing, by this machine's package manager."""
    manager = next(filter(shutil.which, INSTALL), "apt-get")
    return f"{INSTALL[manager]} {_packages(manager)}"


def _packages(manager: str) -> str:
    column = list(INSTALL).index(manager)
    return " ".join(NEEDS[name][1][column] for name in missing())


if __name__ == "__main__":
    sys.exit(main())
