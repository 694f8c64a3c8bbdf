"""`python tools/system.py`: makes sure that the tests have what pip cannot install: a Chromium with a font, and curl.

As root on Debian it installs what is missing; elsewhere it stops with the one command that does. It never lets tests be
skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL = {  # the command of each package manager, what brings a browser, and what brings curl
    "apt-get": ("sudo apt-get install -y", "chromium fonts-dejavu-core", "curl"),
    "dnf": ("sudo dnf install -y", "chromium dejavu-sans-fonts", "curl"),
    "pacman": ("sudo pacman -S", "chromium ttf-dejavu", "curl"),
    "apk": ("sudo apk add", "chromium font-dejavu", "curl"),
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
    print(f"The tests need {' and '.join(still)}. Install with: {command()}", file=sys.stderr)
    if "Chromium" in still:
        print("or name one that is installed: CHROMIUM=/path/to/chromium make test", file=sys.stderr)
    return 1


def missing() -> list[str]:
    """What the tests need and is not there."""
    return [name for name, there in (("Chromium", found()), ("curl", shutil.which("curl"))) if not there]


def found() -> str | None:
    """The browser's path: $CHROMIUM, else the first of the usual names on PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def command() -> str:
    """What installs all that is missing, by this machine's package manager."""
    manager = next(filter(shutil.which, INSTALL), "apt-get")
    return f"{INSTALL[manager][0]} {_packages(manager)}"


def _packages(manager: str) -> str:
    _, browser, curl = INSTALL[manager]
    return " ".join({"Chromium": browser, "curl": curl}[name] for name in reversed(missing()))


if __name__ == "__main__":
    sys.exit(main())
