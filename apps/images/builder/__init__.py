"""What a builder is told as its user data, and what it prints: no network path leads from the console to it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from apps.images import provisioners
from apps.images.builder.printed import Printed, read, read_report
from apps.workflows.options import parse

__all__ = ["FORMAT", "MOST_BYTES", "URL_BYTES", "Printed", "compose", "listing", "read", "read_report"]

FORMAT = 1  # of what the builder does; another one makes other images of the same recipe
MOST_BYTES = 16_384  # of user data, by AWS
URL_BYTES = 2_500  # that a presigned URL takes, at most


def compose(recipe: Mapping[str, Any], package: str, version: str, nonce: str, url: str = "") -> str:
    """The user data of a bake. `recipe` is as it is frozen into the bake; `url` takes the whole report by PUT."""
    provisioner = provisioners.get(recipe["provisioner"])
    options: Any = parse(provisioner.options_type, recipe["options"])
    places = {
        "NONCE": shlex.quote(nonce),
        "URL": shlex.quote(url),
        "LEAVES": " ".join(f'"$ROOT"{shlex.quote(path)}' for path in provisioner.leaves),
        "CONFIGURATION": " ".join(map(shlex.quote, options.configuration.split())) or "/none",
        "TITLE": _one_line(f"{package} {version}"),
    }
    before, _, after = _script().partition("@INSTALL@")
    install = provisioner.install(package, version, recipe["repository"], options)
    return _filled(before, places) + install.strip("\n") + _filled(after, places)


def listing() -> str:
    """The shell function `packages` of the builder: it prints what is installed, `manager:name version` a line."""
    _, begin, rest = _script().partition("packages() {\n")
    return f"{begin}{rest.partition(chr(10) + chr(125) + chr(10))[0]}\n}}"


@cache
def _script() -> str:
    return (Path(__file__).parent / "bake.sh").read_text()


def _filled(text: str, places: Mapping[str, str]) -> str:
    for name, value in places.items():
        text = text.replace(f"@{name}@", value)
    return text


def _one_line(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)
