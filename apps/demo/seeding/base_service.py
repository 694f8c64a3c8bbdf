"""What an image baked upon the demo's base image runs: the service that the installed package names."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from pathlib import Path

INSTALLED = "srv/app"  # where a recipe has packages installed, below the image's root
GROUP = "shop.service"  # of entry points; a package that is a service has one


def main() -> None:
    """Serves until the instance is stopped. SystemExit where not one package is a service."""
    sys.path.insert(0, str(Path(__file__).parent / INSTALLED))
    found = entry_points(group=GROUP)
    if len(found) != 1:
        raise SystemExit(f"One installed package must be a service, not {[each.name for each in found]}")
    [service] = found
    service.load()()


if __name__ == "__main__":
    main()
