"""How dangerous an operation is: where several are offered, those with the least come first."""

from __future__ import annotations

from enum import IntEnum


class Danger(IntEnum):
    """What may be lost by it."""

    NONE = 0
    LITTLE = 1  # nothing goes away, but the group answers load differently
    SOME = 2  # a part of the group goes away, or it serves no more; both can be had again
    FINAL = 3  # the whole group: there is no way back
