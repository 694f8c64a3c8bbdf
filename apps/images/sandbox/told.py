"""What the program is told on its standard input, as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Told:
    """One check. Sizes are bytes; `parent` is the process that must live; `user` whom root becomes, 0 for nobody else.

    `commands` are for a POSIX shell. `addresses` are the repository's, as they were looked up; without any nothing
    gets out. `pip` is a file descriptor of a packed pip, or -1. The service that `start` starts must answer `path` on
    `port`, and `command` succeed, within `patience` seconds; what is empty is left out. `cgroups` are
    folders of control groups that take all of it in.
    """

    parent: int
    user: int
    seconds: float
    base: str
    whole: bool
    records: tuple[str, ...]
    host: str
    port: int
    addresses: tuple[str, ...]
    pip: int
    before: str
    install: str
    after: str
    start: str
    path: str
    service_port: int
    command: str
    patience: float
    cgroups: tuple[str, ...] = ()
    memory: int = 1 << 30
    files: int = 768 << 20
    inodes: int = 200_000
    processes: int = 200

    def packed(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def read(cls, packed: bytes) -> Told:
        given: dict[str, Any] = json.loads(packed)
        members: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
        }
        return cls(**members)
