"""The reconciler: what an ended run left borrowed is given back, once, by a run of its own; what is kept stays."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.events.models import Event
from apps.workflows import kinds
from apps.workflows.context import Context
from apps.workflows.models import Borrowed, Lock, Run
from apps.workflows.plans import Done, Failed, Outcome, PlannedStep, Wait
from apps.workflows.services import advance, borrowed_of, decide, reconcile, start, take_over
from apps.workflows.services.release import pass_on_all
from tests.workflows.conftest import Passing, Refusal, World, after, begin, carry_on, world
from tests.workflows.test_queue import wait_in_line


@kinds.keeper("scripted")
def keeps(item: Borrowed) -> str:
    return "it stands by" if f"keep {item.resource}" in world.scripts else ""


def borrow(*resources: str, keep: bool = False) -> object:
    def script(context: Context) -> Outcome:
        for resource in resources:
            context.borrow("scripted", resource, 4, says="min raised 4 → 12", keep=keep, changed_to=12)
        return Wait(3600, "waiting")

    return script


def left_by(fresh_world: World, *resources: str, keep: bool = False) -> Run:
    """A run whose lock was broken while it had borrowed of these."""
    fresh_world.answer("a", borrow(*resources, keep=keep))  # type: ignore[arg-type]
    run = begin("a")
    advance(run.pk)
    take_over("cluster", actor="cem", reason="now", force=True)
    return run


def repair() -> Run:
    return Run.objects.filter(kind="repair").latest("pk")


def test_what_an_ended_run_left_is_given_back_newest_first_by_a_repair_that_holds_the_lock(
    fresh_world: World,
) -> None:
    owner = left_by(fresh_world, "x", "y")
    assert reconcile() == 1
    assert Lock.objects.get().run_id == repair().pk
    assert reconcile() == 0  # one at a time
    run = carry_on(repair())
    assert run.state == "succeeded"
    assert fresh_world.did == ["repay y 4", "repay x 4"]
    assert {item.repaid_by_id for item in Borrowed.objects.all()} == {run.pk}
    assert run.reason == f"push {owner.pk} ended and left it so"
    assert next(step.title for step in run.steps.all()) == f"Give back what push {owner.pk} left: min raised 4 → 12"
    assert reconcile() == 0


def test_what_is_kept_stays_and_says_so(fresh_world: World) -> None:
    fresh_world.answer("keep x", lambda _context: Done())
    owner = left_by(fresh_world, "x", keep=True)
    assert reconcile() == 0
    assert [owed.sentence for owed in borrowed_of("x")] == [f"min raised 4 → 12 by push {owner.pk}; it stands by"]
    del fresh_world.scripts["keep x"]
    assert reconcile() == 1


def test_what_a_plan_leaves_so_is_nobodys_to_give_back(fresh_world: World) -> None:
    fresh_world.answer("a", lambda context: borrow("x", keep=True)(context) and Done())  # type: ignore[operator]
    assert carry_on(begin("a")).state == "succeeded"
    assert reconcile() == 0


def test_a_repair_waits_its_turn_and_looks_again_at_what_is_left_then(fresh_world: World) -> None:
    left_by(fresh_world, "x", "y")
    fresh_world.answer("b", lambda _context: Wait(3600, "waiting"))
    other = begin("b")
    advance(other.pk)
    assert reconcile() == 1
    assert (repair().state, repair().planned) == ("queued", False)
    assert reconcile() == 0
    Borrowed.objects.filter(resource="x").update(repaid_at=timezone.now())
    fresh_world.answer("b", lambda _context: Done())
    carry_on(other)
    assert carry_on(repair()).state == "succeeded"
    assert fresh_world.did == ["b", "repay y 4"]


def test_who_waits_for_the_lock_of_a_run_that_left_something_comes_after_its_repair(fresh_world: World) -> None:
    fresh_world.answer("a", borrow("x"))  # type: ignore[arg-type]
    first = begin("a")
    advance(first.pk)
    second = wait_in_line()
    take_over("cluster", actor="cem", reason="now", force=True)
    pass_on_all()
    assert not Lock.objects.exists()
    assert reconcile() == 1
    assert Lock.objects.get().run_id == repair().pk
    assert carry_on(repair()).state == "succeeded"
    assert Lock.objects.get().run_id == second.pk


def test_a_repair_that_finds_everything_given_back_ends_unbegun(fresh_world: World) -> None:
    left_by(fresh_world, "x")
    fresh_world.answer("b", borrow("x"))  # type: ignore[arg-type]
    other = begin("b")
    assert reconcile() == 1
    advance(other.pk)  # it borrows the same again: what the first owed is its own now
    fresh_world.answer("b", lambda _context: Done())
    assert carry_on(other).state == "succeeded"
    run = carry_on(repair())
    assert (run.state, run.failure) == ("cancelled", "Everything was given back meanwhile.")
    assert fresh_world.did == ["b", "repay x 4"]


def test_what_cannot_be_given_back_is_told_does_not_keep_the_rest_and_is_tried_again_later(
    fresh_world: World,
) -> None:
    left_by(fresh_world, "x", "y")
    fresh_world.answer("repay y", lambda _context: Failed("AWS refuses."))
    reconcile()
    assert carry_on(repair()).state == "succeeded"
    stuck = Borrowed.objects.get(repaid_at__isnull=True)
    assert (stuck.resource, stuck.stuck, stuck.tries) == ("y", True, 1)
    assert Event.objects.filter(kind="ledger.stuck", summary__contains="AWS refuses.").exists()
    assert "1 tries" in borrowed_of("y")[0].trouble or "tried again at" in borrowed_of("y")[0].trouble
    assert reconcile() == 0  # not yet
    first = stuck.retry_at
    Borrowed.objects.update(retry_at=timezone.now())
    del fresh_world.scripts["repay y"]
    fresh_world.answer("repay y", lambda _context: Failed("AWS refuses."))
    assert reconcile() == 1
    carry_on(repair())
    stuck.refresh_from_db()
    assert first is not None
    assert stuck.retry_at is not None
    assert stuck.tries == 2
    Borrowed.objects.update(retry_at=timezone.now())
    del fresh_world.scripts["repay y"]
    reconcile()
    carry_on(repair())
    assert not Borrowed.objects.filter(repaid_at__isnull=True).exists()


def test_what_a_run_could_not_repay_as_it_ended_is_the_reconcilers_too(fresh_world: World) -> None:
    fresh_world.answer("a", lambda context: borrow("x")(context) and Done())  # type: ignore[operator]
    fresh_world.answer("repay x", lambda _context: Failed("AWS refuses."))
    assert carry_on(begin("a")).state == "failed"
    assert reconcile() == 0
    Borrowed.objects.update(retry_at=timezone.now())
    del fresh_world.scripts["repay x"]
    assert reconcile() == 1
    assert carry_on(repair()).state == "succeeded"


@pytest.mark.parametrize("error", [Refusal("AWS refuses."), Passing("AWS is down."), ValueError("a mistake")])
def test_what_a_repayer_raises_does_not_keep_the_rest_either(fresh_world: World, error: Exception) -> None:
    left_by(fresh_world, "x", "y", "z")

    def refuse(_context: object) -> Outcome:
        raise error

    fresh_world.answer("repay y", refuse)  # type: ignore[arg-type]
    fresh_world.answer("repay x", after(2, Wait(1, "draining")))  # type: ignore[arg-type]
    reconcile()
    assert carry_on(repair(), looks=60).state == "succeeded"
    stuck = Borrowed.objects.get(repaid_at__isnull=True)
    assert (stuck.resource, stuck.stuck, stuck.tries) == ("y", True, 1)
    assert Event.objects.filter(kind="ledger.stuck", summary__contains=str(error)).exists()
    Borrowed.objects.update(retry_at=timezone.now())
    del fresh_world.scripts["repay y"]
    assert reconcile() == 1
    assert carry_on(repair()).state == "succeeded"
    assert not Borrowed.objects.filter(repaid_at__isnull=True).exists()


def test_what_takes_too_long_to_give_back_does_not_keep_the_rest_either(fresh_world: World) -> None:
    left_by(fresh_world, "x", "y")
    fresh_world.answer("repay y", lambda _context: Wait(1, "draining"))
    reconcile()
    repair().steps.update(timeout_seconds=0)
    assert carry_on(repair()).state == "succeeded"
    assert Borrowed.objects.get(repaid_at__isnull=True, stuck=True).resource == "y"


def test_two_reconcilers_at_once_give_back_once(fresh_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    left_by(fresh_world, "x")
    steps = (PlannedStep("repay", "x", {"item": Borrowed.objects.get().pk}),)
    rival = start(kind="repair", subject="api-prod", steps=steps, actor="deployconsole", reason="", lock="cluster")
    Run.objects.filter(pk=rival.pk).update(kind="rival")  # not yet to be seen when the other one looked
    assert reconcile() == 1
    carry_on(rival)
    assert carry_on(repair()).state == "cancelled"
    assert fresh_world.did == ["repay x 4"]


def test_what_is_borrowed_says_by_whom_and_when_it_should_be_back(fresh_world: World) -> None:
    fresh_world.answer("a", borrow("x"))  # type: ignore[arg-type]
    run = begin("a", "b")
    run.steps.update(expected_seconds=600)
    advance(run.pk)
    (owed,) = borrowed_of("x")
    assert owed.back_by is not None
    assert 1100 < (owed.back_by - timezone.now()).total_seconds() <= 1200
    assert owed.sentence == f"min raised 4 → 12 by push {run.pk}, back by {owed.back_by:%H:%M} UTC"
    run.steps.filter(position=1).update(expected_seconds=None)
    assert borrowed_of("x")[0].sentence == f"min raised 4 → 12 by push {run.pk}", "nobody can tell when"
    decide(run.pk, "undo", actor="bob", reason="")
    carry_on(run)
    assert borrowed_of("x") == ()
