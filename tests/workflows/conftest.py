"""Step kinds for tests: they count what they do in a dictionary that stands for the world outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pytest

from apps.workflows import kinds
from apps.workflows.context import Context
from apps.workflows.models import Borrowed, Run
from apps.workflows.plans import Done, Failed, Outcome, PlannedStep
from apps.workflows.services import advance, start
from apps.workflows.states import OnFailure

Script = Callable[[Context], Outcome]


class World:
    """What steps did, in order, and what each step shall answer."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.scripts: dict[str, Script] = {}
        self.undo_scripts: dict[str, Script] = {}
        self.looks: dict[str, int] = defaultdict(int)

    def answer(self, name: str, script: Script) -> None:
        self.scripts[name] = script

    def answer_undo(self, name: str, script: Script) -> None:
        self.undo_scripts[name] = script


world = World()


@kinds.register
class Scripted(kinds.StepKind):
    """Does what the test scripted for the step's name; else it is done at once."""

    slug = "scripted"

    def run(self, context: Context) -> Outcome:
        name = context.params["name"]
        world.looks[name] += 1
        outcome = world.scripts.get(name, lambda _context: Done())(context)
        if isinstance(outcome, Done):
            world.did.append(name)
        return outcome

    def undo(self, context: Context) -> Outcome:
        name = context.params["name"]
        outcome = world.undo_scripts.get(name, lambda _context: Done())(context)
        if isinstance(outcome, Done):
            world.did.append(f"undo {name}")
        return outcome


@kinds.repayer("scripted")
def repay(context: Context, item: Borrowed) -> Outcome:
    del context
    outcome = world.scripts.get(f"repay {item.resource}", lambda _context: Done())
    world.did.append(f"repay {item.resource} {item.original}")
    return outcome(None)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def fresh_world(db: None) -> World:
    world.__init__()  # type: ignore[misc]
    return world


def begin(
    *names: str,
    irreversible: str = "",
    lock: str = "cluster",
    timeout: float | None = None,
    on_failure: OnFailure = OnFailure.UNDO,
) -> Run:
    """Starts a run with one scripted step a name."""
    steps = [
        PlannedStep("scripted", name, {"name": name}, irreversible=name == irreversible, timeout_seconds=timeout)
        for name in names
    ]
    return start(
        kind="push",
        subject="api-prod",
        steps=steps,
        actor="ann",
        reason="because",
        lock=lock,
        on_failure=on_failure,
    )


def carry_on(run: Run, looks: int = 50) -> Run:
    """Advances a run until it ends or asks a person, as if all it waits for were due at once."""
    for _ in range(looks):
        Run.objects.filter(pk=run.pk, due_at__isnull=False).update(due_at=run.created_at)
        advance(run.pk)
        run.refresh_from_db()
        if run.ended or run.state == "needs_person":
            break
    return run


class Passing(Exception):
    retryable = True


class Refusal(Exception):
    retryable = False


def after(looks: int, otherwise: Outcome, then: Outcome | None = None) -> object:
    """A script that answers `otherwise` for some looks, and then `then`."""
    seen = {"n": 0}

    def script(_context: Context) -> Outcome:
        seen["n"] += 1
        return otherwise if seen["n"] <= looks else then or Done()

    return script


def fail(context: Context) -> Outcome:
    del context
    return Failed("It broke.")
