"""Which of two versions of a package is the newer, by the rules of its package manager, where that has any."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from packaging.version import InvalidVersion, Version

LONGEST = 255  # characters; what is longer is no version
DEB = re.compile(r"(?:(\d+):)?([A-Za-z0-9.+:~-]*?[A-Za-z0-9.+:~])(?:-([A-Za-z0-9.+~]+))?")
RPM = re.compile(r"(?:(\d+|\(none\)):)?([^\s:-]+)(?:-([^\s:-]+))?")
BEFORE_THE_END, THE_END = -1, 0
BEHIND_LETTERS = 256  # in a Debian version other characters come after all letters

Key = tuple[Any, ...]


def newer(manager: str, before: str, after: str) -> bool | None:
    """Whether `after` is the newer of two versions; False: the older.

    None where that cannot be told: the manager orders no versions, one of the texts is no version of its, or both are
    the same version, written in two ways.
    """
    order = ORDERS.get(manager)
    keys = [order(text) if order and len(text) <= LONGEST else None for text in (before, after)]
    if keys[0] is None or keys[1] is None or keys[0] == keys[1]:
        return None
    return bool(keys[0] < keys[1])


def debian(text: str) -> Key | None:
    """As dpkg orders them: epoch, upstream version, revision. None for what is not of that form."""
    found = DEB.fullmatch(text)
    return (int(found[1] or 0), _debian_part(found[2]), _debian_part(found[3] or "0")) if found else None


def _debian_part(text: str) -> Key:
    """Letters and numbers by turns; `~` comes even before the end."""
    pieces = [pair for pair in re.findall(r"(\D*)(\d*)", text, re.ASCII) if any(pair)]
    end = ((THE_END,), 0)
    return (*(((*map(_weight, letters), THE_END), int(digits or 0)) for letters, digits in pieces), end)


def _weight(letter: str) -> int:
    if letter == "~":
        return BEFORE_THE_END
    return ord(letter) if letter.isalpha() else ord(letter) + BEHIND_LETTERS


def rpm(text: str) -> Key | None:
    """As rpm orders them: epoch, version, release. None for what is not of that form."""
    found = RPM.fullmatch(text)
    if found is None:
        return None
    epoch = int(found[1]) if (found[1] or "").isdecimal() else 0
    return (epoch, _rpm_part(found[2]), _rpm_part(found[3] or ""))


def _rpm_part(text: str) -> Key:
    """`~` comes before the end, `^` right after it, then letters, then numbers; all else separates."""
    ranks: list[Key] = []
    for piece in re.findall(r"[0-9]+|[A-Za-z]+|[~^]", text):
        if piece in "~^":
            ranks.append((0,) if piece == "~" else (2,))
        else:
            ranks.append((4, int(piece)) if piece[0].isdigit() else (3, piece))
    return (*ranks, (1,))


def python(text: str) -> Key | None:
    """As pip orders them (PEP 440). None for what is no such version."""
    try:
        return (Version(text),)
    except InvalidVersion:
        return None


ORDERS: Mapping[str, Callable[[str], Key | None]] = {
    **dict.fromkeys(("deb", "apt", "dpkg"), debian),
    **dict.fromkeys(("rpm", "dnf", "yum"), rpm),
    **dict.fromkeys(("python", "pip", "pypi", "uv", "wheel"), python),
}
