"""`python tools/browser.py`: makes sure that the browser tests have a Chromium and a font to draw with.

As root on Debian it installs them; elsewhere it stops with the one command that does. It never lets tests be skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ["chromium", "fonts-dejavu-core"]
BY_MANAGER = {
    "apt-get": "sudo apt-get install -y chromium fonts-dejavu-core",
    "dnf": "sudo dnf install -y chromium dejavu-sans-fonts",
    "pacman": "sudo pacman -S chromium ttf-dejavu",
    "apk": "sudo apk add chromium font-dejavu",
    "brew": "brew install --cask chromium",
}


def main() -> int:
    """Answers the exit status: 0 when there is a browser at the end."""
    if found():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests", flush=True)
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
            subprocess.run(["apt-get", *arguments], env=environment, check=False, stdout=subprocess.DEVNULL)
        if found():
            return 0
    print(f"The browser tests need Chromium. Install it with: {_command()}", file=sys.stderr)
    print("or name one that is installed: CHROMIUM=/path/to/chromium make test", file=sys.stderr)
    return 1


def found() -> str | None:
    """The browser's path: $CHROMIUM, else the first of the usual names on PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def _command() -> str:
    return next((command for manager, command in BY_MANAGER.items() if shutil.which(manager)), BY_MANAGER["apt-get"])


if __name__ == "__main__":
    sys.exit(main())
