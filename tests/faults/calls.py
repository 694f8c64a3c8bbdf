"""How one AWS call of an operation is named, so that the same call is met again in another run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

READING = ("Describe", "Get", "List", "Simulate")
PLANNING = "plan"
_NUMBER = re.compile(r"-v(\d{3})\b")


class Stage(NamedTuple):
    """A step of a run without a fault, on its way forward or back."""

    phase: str  # forward, undo
    position: int

    @property
    def order(self) -> tuple[str, int]:
        """Sorts stages as a run comes to them."""
        return self.phase, -self.position if self.phase == "undo" else self.position


@dataclass(frozen=True)
class Call:
    """A call of a run: where it was made, which, about what, and the how manieth of its name there."""

    phase: str  # plan, forward, undo, settle
    step: str  # "2.size-group"; "-" where no step is at work
    operation: str  # as AWS names it
    about: str  # names of groups and target groups; "-" where the call names none
    ordinal: int
    run: int | None = field(default=None, compare=False)  # whose; None while planned, and once it has ended
    asked: str = field(default="", compare=False)  # account, region and parameters, by which two reads ask the same

    @property
    def name(self) -> str:
        """The call, whichever of its repeats."""
        return f"{self.phase}/{self.step}/{self.operation}/{self.about}"

    @property
    def changing(self) -> bool:
        return not self.operation.startswith(READING)

    @property
    def planning(self) -> bool:
        return self.phase == PLANNING

    @property
    def stage(self) -> Stage | None:
        """Where the run is when it makes this call; None while it is planned, and once it has ended."""
        position, at_a_step, _ = self.step.partition(".")
        return Stage(self.phase, int(position)) if at_a_step else None

    def __str__(self) -> str:
        return f"{self.name}/{self.ordinal}"


def parse(text: str) -> Call:
    """The call that `str` wrote."""
    phase, step, operation, about, ordinal = text.split("/")
    return Call(phase, step, operation, about, int(ordinal))


def lateness(call: Call) -> tuple[bool, tuple[str, int]]:
    """Sorts calls by when a run comes to their stage; first those of none."""
    return (True, call.stage.order) if call.stage else (False, ("", 0))


def distinct(calls: Iterable[Call]) -> Iterator[Call]:
    """Each changing call; of reads that are repeated in one step the first and the last."""
    made = list(calls)
    reads = [call for call in made if not call.changing]
    ends = {_place(call): call for call in reversed(reads)}, {_place(call): call for call in reads}
    for call in made:
        if call.changing or call.planning or any(end[_place(call)] is call for end in ends):
            yield call


def _place(call: Call) -> tuple[str, str, str]:
    return call.phase, call.step, call.operation


def numbered(call: Call, higher: int) -> Call:
    """The same call about groups whose numbers are so much higher, as those of a second push are."""
    names = _NUMBER.sub(lambda number: f"-v{int(number[1]) + higher:03}", call.about)
    return replace(call, about=names)


def about(parameters: Mapping[str, Any]) -> str:
    """What a call is about, as names that are the same in every run (ARNs and ids are not)."""
    names: list[str] = []
    for member in ("AutoScalingGroupName", "AutoScalingGroupNames", "TargetGroupArn", "TargetGroupArns"):
        value = parameters.get(member, ())
        names += [value] if isinstance(value, str) else value
    return "+".join(sorted(map(_short, names))) or "-"


def _short(name: str) -> str:
    """`arn:...:targetgroup/NAME/hash` → NAME."""
    return name.split("/")[1] if name.startswith("arn:") and "/" in name else name
