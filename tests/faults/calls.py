"""How one AWS call of an operation is named, so that the same call is met again in another run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

READING = ("Describe", "Get", "List", "Simulate")
PLANNING = "plan"


@dataclass(frozen=True)
class Call:
    """A call of a run: where it was made, which, about what, and the how manieth of its name there."""

    phase: str  # plan, forward, undo, settle
    step: str  # "2.size-group"; "-" where no step is at work
    operation: str  # as AWS names it
    about: str  # names of groups and target groups; "-" where the call names none
    ordinal: int

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

    def __str__(self) -> str:
        return f"{self.name}/{self.ordinal}"


def parse(text: str) -> Call:
    """The call that `str` wrote."""
    phase, step, operation, about, ordinal = text.split("/")
    return Call(phase, step, operation, about, int(ordinal))


def distinct(calls: Iterable[Call]) -> Iterator[Call]:
    """Each changing call; of a read that is repeated in one place the first and the last."""
    made = list(calls)
    last = Counter(call.name for call in made)
    for call in made:
        if call.changing or call.ordinal in {1, last[call.name]}:
            yield call


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
