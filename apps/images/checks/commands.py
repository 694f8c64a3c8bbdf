"""The commands of a check: those of a bake install, and list what is inside."""

from __future__ import annotations

from apps.images.builder import listing
from apps.images.checks.base import Asked


def install(asked: Asked) -> str:
    """What installs the package, exactly as a bake does."""
    fragment = asked.provisioner.install(asked.package, asked.version, asked.recipe["repository"], asked.options)
    return f"set -eu\n{fragment}\n"


def before() -> str:
    """Takes note of what is there already."""
    return f'{listing()}\npackages | sort -u >"$WORK/before"\n'


def after() -> str:
    """Prints what is there now, and was not before: a line each, `manager:name version`."""
    return f'{listing()}\npackages | sort -u | comm -13 "$WORK/before" -\n'


def installed(printed: str) -> dict[str, str]:
    """What `after` printed, by "manager:name"."""
    pairs = (line.split(" ") for line in printed.splitlines())
    return dict(sorted((pair[0], pair[1]) for pair in pairs if len(pair) == 2 and ":" in pair[0]))
