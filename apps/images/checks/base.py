"""What a way to check a package is, what it is asked and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.images import provisioners
from apps.images.models import Gate
from apps.images.provisioners import Provisioner
from apps.workflows.options import parse

NAME = "package-check"  # the gate that its outcome is
INSTEAD = "No instance is launched for it; a bake tries the package on one."

_ways: dict[str, Way] = {}


@dataclass(frozen=True)
class Asked:
    """One package's version, and the recipe as `services.recipes.shown` has it. `seconds` is all that it may take."""

    recipe: Mapping[str, Any]
    package: str
    version: str
    seconds: float

    @property
    def provisioner(self) -> Provisioner:
        return provisioners.get(self.recipe["provisioner"])

    @property
    def options(self) -> Any:
        """Of the provisioner, of its type."""
        return parse(self.provisioner.options_type, self.recipe["options"])


@dataclass(frozen=True)
class Result:
    """How a check ended: a `Gate.Outcome`, of which skipped is "not offered here"; `says` is a sentence.

    `installed` are versions by "manager:name"; `log_cut` bytes before the log are lost.
    """

    outcome: str
    says: str
    log: str = ""
    log_cut: int = 0
    installed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Way:
    """A way to check a package apart from everything else.

    `why_not(asked)` says in a sentence why it cannot be done so here; empty if it can. `check(asked, beat)` does it,
    calling `beat` every second or sooner, and leaves nothing behind, whatever `beat` raises.
    """

    slug: str
    title: str
    order: int  # the first that can work is taken
    why_not: Callable[[Asked], str]
    check: Callable[[Asked, Callable[[], None]], Result]


def register(way: Way) -> Way:
    """Makes a way known by its slug."""
    _ways[way.slug] = way
    return way


def known() -> tuple[Way, ...]:
    """Every way, those to be taken first in front."""
    return tuple(sorted(_ways.values(), key=lambda way: way.order))


def choose(asked: Asked) -> Way | Result:
    """The way to take; where none can work, the result that says why."""
    problems = []
    for way in known():
        problem = way.why_not(asked)
        if not problem:
            return way
        if problem not in problems:
            problems.append(problem)
    return Result(Gate.Outcome.SKIPPED, " ".join(["Not offered here.", *problems, INSTEAD]))
