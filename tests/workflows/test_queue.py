"""Waiting for a lock: in order, planned afresh when it is one's turn; and breaking the lock of who does not go on."""

from __future__ import annotations

import pytest

from apps.events.models import Event
from apps.workflows import kinds
from apps.workflows.context import Context
from apps.workflows.models import Borrowed, Lock, Run
from apps.workflows.plans import Done, Failed, NeedsPerson, Outcome, Planned, PlannedStep, Wait
from apps.workflows.selectors import queued
from apps.workflows.services import (
    CannotTakeOver,
    advance,
    cancel,
    decide,
    reconcile,
    start,
    sweep,
    take_over,
)
from tests.workflows.conftest import Passing, World, after, begin, carry_on, world


def waiting() -> list[Run]:
    """Those that wait for the cluster, in the order of their turns."""
    return list(queued().filter(resource="cluster").order_by("pk"))


@kinds.planner("queued-push")
def plan(context: Context) -> Planned | Outcome:
    """Plans one step called "planned", unless the test scripted otherwise."""
    script = world.scripts.get("plan")
    return script(context) if script else Planned((PlannedStep("scripted", "planned", {"name": "planned"}),))


def wait_in_line(actor: str = "bob", reason: str = "next") -> Run:
    return start(
        kind="queued-push", subject="api-prod", steps=None, actor=actor, reason=reason, lock="cluster", queue=True
    )


def busy(world: World) -> Run:
    """A run that holds the lock and waits."""
    world.answer("a", lambda _context: Wait(3600, "waiting"))
    run = begin("a")
    advance(run.pk)
    return run


def test_a_run_that_waits_holds_nothing_and_is_listed_with_its_owner_and_reason(fresh_world: World) -> None:
    first = busy(fresh_world)
    second, third = wait_in_line(), wait_in_line("cem", "later")
    assert [(each.pk, each.actor, each.reason) for each in waiting()] == [
        (second.pk, "bob", "next"),
        (third.pk, "cem", "later"),
    ]
    assert Lock.objects.get().run_id == first.pk
    assert second.state == "queued"
    assert sweep() == 0
    advance(second.pk)
    assert fresh_world.did == []


def test_the_lock_goes_to_who_waits_longest_in_the_moment_it_is_freed_and_is_planned_then(fresh_world: World) -> None:
    first = busy(fresh_world)
    second, third = wait_in_line(), wait_in_line("cem")
    fresh_world.answer("a", lambda _context: Done())
    assert carry_on(first).state == "succeeded"
    held = Lock.objects.get()
    assert (held.run_id, held.owner) == (second.pk, "bob")
    assert carry_on(second).state == "succeeded"
    assert Lock.objects.get().run_id == third.pk
    assert carry_on(third).state == "succeeded"
    assert fresh_world.did == ["a", "planned", "planned"]
    assert not Lock.objects.exists()


def test_who_does_not_find_the_lock_held_is_planned_at_once(fresh_world: World) -> None:
    run = wait_in_line()
    assert not run.planned
    assert carry_on(run).state == "succeeded"
    assert fresh_world.did == ["planned"]


def test_a_plan_that_is_refused_ends_the_run_before_its_first_effect_and_lets_the_next_one_in(
    fresh_world: World,
) -> None:
    first = busy(fresh_world)
    second, third = wait_in_line(), wait_in_line()
    cancel(first.pk, actor="ann", reason="")
    carry_on(first)
    fresh_world.answer("plan", lambda _context: Failed("Two groups serve."))
    second = carry_on(second)
    assert (second.state, second.failure) == ("cancelled", "Two groups serve.")
    assert Lock.objects.get().run_id == third.pk
    assert Event.objects.filter(kind="run.cancelled", run=second.pk, summary__contains="Two groups serve.").exists()


def test_planning_is_tried_again_when_it_meets_a_passing_error(fresh_world: World) -> None:
    def throttled(_context: Context) -> Planned:
        fresh_world.looks["plan"] += 1
        if fresh_world.looks["plan"] < 3:
            raise Passing("AWS asks us to slow down")
        return Planned(())

    fresh_world.answer("plan", throttled)  # type: ignore[arg-type]
    run = wait_in_line()
    advance(run.pk)
    run.refresh_from_db()
    assert (run.state, run.says) == ("queued", "AWS asks us to slow down; trying again.")
    assert carry_on(run).state == "succeeded"


def test_who_waits_may_leave_the_queue(fresh_world: World) -> None:
    first = busy(fresh_world)
    second, third = wait_in_line(), wait_in_line()
    assert decide(second.pk, "undo", actor="bob", reason="").state == "cancelled"
    assert [each.pk for each in waiting()] == [third.pk]
    assert Lock.objects.get().run_id == first.pk


def test_a_lock_that_nobody_handed_on_is_found_by_the_sweep(fresh_world: World) -> None:
    busy(fresh_world)
    second = wait_in_line()
    Lock.objects.all().delete()
    sweep()
    assert Lock.objects.get().run_id == second.pk
    assert carry_on(second).state == "succeeded"


def test_a_lock_freed_while_somebody_joins_the_queue_is_passed_on_at_once(
    fresh_world: World, transactional_db: None
) -> None:
    first = busy(fresh_world)

    def freed_meanwhile(run: Run) -> None:
        if not run.planned and run.due_at is None:
            Lock.objects.filter(run=first).delete()

    second = start(
        kind="queued-push",
        subject="api-prod",
        steps=(),
        actor="bob",
        reason="",
        lock="cluster",
        queue=True,
        created=freed_meanwhile,
    )
    assert Lock.objects.get().run_id == second.pk


def test_what_nobody_can_plan_cannot_wait() -> None:
    with pytest.raises(ValueError, match="nothing plans"):
        start(kind="unknown", subject="x", steps=(), actor="ann", reason="", lock="cluster", queue=True)


def test_the_lock_of_a_run_that_asks_a_person_can_be_broken_with_a_reason_and_goes_to_its_repair_then_to_the_next(
    fresh_world: World,
) -> None:
    def borrow_and_ask(context: Context) -> Outcome:
        context.borrow("scripted", "min of v013", 4, says="min raised 4 → 12")
        return NeedsPerson("Go on?")

    fresh_world.answer("a", borrow_and_ask)
    first = carry_on(begin("a"))
    second = wait_in_line()
    with pytest.raises(CannotTakeOver, match="Say why"):
        take_over("cluster", actor="cem", reason=" ")
    stopped = take_over("cluster", actor="cem", reason="ann is asleep")
    assert (stopped.pk, stopped.state) == (first.pk, "cancelled")
    assert stopped.failure == "Go on? Stopped as it stood by cem, who broke its lock: ann is asleep."
    assert not Lock.objects.exists()
    event = Event.objects.get(kind="lock.broken")
    assert (event.actor, event.reason, event.after) == ("cem", "ann is asleep", {"forced": False})
    assert event.before == {"owner": "ann", "run": first.pk, "lock": "cluster"}
    assert Borrowed.objects.get().repaid_at is None  # the reconciler's, from now on
    reconcile()
    carry_on(Run.objects.get(kind="repair"))
    assert Lock.objects.get().run_id == second.pk


def test_the_lock_of_a_run_that_goes_on_is_broken_by_force_only_and_its_worker_writes_nothing_more(
    fresh_world: World,
) -> None:
    run = begin("a", "b")

    def broken_meanwhile(_context: Context) -> Outcome:
        with pytest.raises(CannotTakeOver, match="goes on by itself"):
            take_over("cluster", actor="cem", reason="now")
        take_over("cluster", actor="cem", reason="now", force=True)
        return Done(facts={"late": True})

    fresh_world.answer("a", broken_meanwhile)
    advance(run.pk)
    run.refresh_from_db()
    assert (run.state, run.facts, run.due_at) == ("cancelled", {}, None)
    assert Event.objects.get(kind="lock.broken").after == {"forced": True}
    assert not Lock.objects.exists()


def test_a_run_that_no_worker_has_looked_at_for_a_minute_does_not_go_on(fresh_world: World) -> None:
    run = busy(fresh_world)
    Run.objects.filter(pk=run.pk).update(due_at="2020-01-01T00:00Z")
    assert take_over("cluster", actor="cem", reason="workers are gone").state == "cancelled"


def test_a_stuck_undo_whose_lock_is_broken_ends_failed(fresh_world: World) -> None:
    fresh_world.answer("b", lambda _context: Failed("It broke."))
    fresh_world.answer_undo("a", after(9, NeedsPerson("Nobody serves.")))
    run = carry_on(begin("a", "b"))
    assert run.phase == "undo"
    assert take_over("cluster", actor="cem", reason="by hand").state == "failed"


def test_a_lock_that_nobody_holds_cannot_be_broken() -> None:
    with pytest.raises(CannotTakeOver, match="Nobody holds cluster"):
        take_over("cluster", actor="cem", reason="now")
