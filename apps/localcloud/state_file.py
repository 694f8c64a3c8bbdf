"""The one file in which a stopped cloud leaves its state, and whether it may be read.

It is taken up once, by the same code, and only if it is the very file that was written, readable by its owner alone:
reading a pickle runs what is in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from ipaddress import IPv4Network
from pathlib import Path
from typing import IO, Any

FILE = "state.pickle"
_CODE = Path(__file__).resolve().parent


class Kept:
    """A file that an earlier cloud of this work folder left, held open; `block` are the addresses that it needs."""

    def __init__(self, file: IO[bytes], head: Mapping[str, Any]) -> None:
        self.file = file
        self.block = IPv4Network(head["block"])
        self.lite: bool = head["lite"]


def find(work: Path) -> Kept | None:
    """What may be taken up; None where there is nothing, or nothing of ours."""
    try:
        file = os.fdopen(os.open(work / FILE, os.O_RDONLY | os.O_NOFOLLOW), "rb")
    except OSError:
        return None
    try:
        head = json.loads(file.readline()) if _is_ours(file) else {}
    except ValueError:
        head = {}
    if head.get("code") == code():
        return Kept(file, head)
    file.close()
    return None


@cache
def code() -> str:
    """Of which code a state is: ours, moto's, Python's. To be asked first when a process begins, which runs it."""
    digest = hashlib.sha256(f"{sys.version} {version('moto')} {version('botocore')}".encode())
    for path in sorted(_CODE.rglob("*.py")):
        digest.update(path.relative_to(_CODE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _is_ours(file: IO[bytes]) -> bool:
    """A plain file of our own user that nobody else may read or write, under this one name."""
    found = os.fstat(file.fileno())
    private = stat.S_IMODE(found.st_mode) == 0o600 and found.st_nlink == 1
    return stat.S_ISREG(found.st_mode) and private and found.st_uid == os.geteuid()
