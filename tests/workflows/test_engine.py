"""How a run goes on, waits, turns back and ends."""

from __future__ import annotations

import pytest

from apps.events.models import Event
from apps.workflows import lease as leases
from apps.workflows.context import Context
from apps.workflows.models import Attempt, Borrowed, Lock, Run, Step
from apps.workflows.plans import Done, Failed, NeedsPerson, Outcome, Wait
from apps.workflows.services import Busy, CannotCancel, advance, cancel, resume
from apps.workflows.services.advance import due
from tests.workflows.conftest import World, begin, carry_on


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


def test_steps_are_carried_out_in_order_and_the_run_succeeds(fresh_world: World) -> None:
    run = carry_on(begin("a", "b", "c"))
    assert run.state == "succeeded"
    assert fresh_world.did == ["a", "b", "c"]
    assert run.ended_at is not None
    assert run.due_at is None
    assert [attempt.outcome for attempt in Attempt.objects.order_by("id")] == ["done"] * 3


def test_what_a_step_found_out_is_there_for_later_steps(fresh_world: World) -> None:
    fresh_world.answer("a", lambda _context: Done(facts={"group": "v013"}))
    seen = {}
    fresh_world.answer("b", lambda context: seen.update(context.facts) or Done())
    carry_on(begin("a", "b"))
    assert seen == {"group": "v013"}


def test_a_waiting_step_is_looked_at_again_only_when_it_is_due(fresh_world: World) -> None:
    fresh_world.answer("a", after(1, Wait(3600, "1 of 2 healthy.")))
    run = begin("a")
    advance(run.pk)
    advance(run.pk)
    run.refresh_from_db()
    assert (run.state, run.says, fresh_world.looks["a"]) == ("waiting", "1 of 2 healthy.", 1)
    assert due() == []
    assert carry_on(run).state == "succeeded"


def test_a_failed_step_undoes_what_was_done_last_step_first(fresh_world: World) -> None:
    fresh_world.answer("c", fail)
    run = carry_on(begin("a", "b", "c", "d"))
    assert run.state == "undone"
    assert run.failure == "It broke."
    assert fresh_world.did == ["a", "b", "undo c", "undo b", "undo a"]
    assert [step.state for step in run.steps.all()] == ["undone", "undone", "undone", "pending"]


def test_a_step_that_waits_beyond_its_limit_fails_with_what_it_waited_for(fresh_world: World) -> None:
    fresh_world.answer("a", lambda _context: Wait(1, "0 of 2 healthy."))
    run = carry_on(begin("a", timeout=0.0))
    assert run.state == "undone"
    assert run.failure == "“a” was given up after 0 s. 0 of 2 healthy."


def test_passing_errors_are_tried_again_and_told(fresh_world: World) -> None:
    calls = []

    def throttled(_context: Context) -> Outcome:
        calls.append(1)
        if len(calls) < 4:
            raise Passing("AWS asks us to slow down")
        return Done()

    fresh_world.answer("a", throttled)
    run = begin("a")
    advance(run.pk)
    run.refresh_from_db()
    assert run.says.startswith("AWS asks us to slow down")
    assert carry_on(run).state == "succeeded"


def test_an_error_nobody_foresaw_ends_in_an_undo_after_some_tries(fresh_world: World) -> None:
    def broken(_context: Context) -> Outcome:
        raise KeyError("oops")

    fresh_world.answer("b", broken)
    run = carry_on(begin("a", "b"))
    assert run.state == "undone"
    assert "KeyError" in run.failure
    assert fresh_world.looks["b"] == 5


def test_an_undo_that_fails_ends_the_run_as_failed_and_says_what_is_left(fresh_world: World) -> None:
    fresh_world.answer("b", fail)
    fresh_world.answer_undo("a", lambda _context: Failed("AWS refuses."))
    run = carry_on(begin("a", "b"))
    assert run.state == "failed"
    assert "“a” could not be undone: AWS refuses." in run.failure


def test_an_undo_tries_every_error_again_for_long_and_then_asks_a_person_who_lets_it_go_on(fresh_world: World) -> None:
    broken = {"yes": True}

    def refused(_context: Context) -> Outcome:
        if broken["yes"]:
            raise Refusal("AWS refuses")
        return Done()

    fresh_world.answer("b", fail)
    fresh_world.answer_undo("a", refused)
    run = begin("a", "b")
    run = carry_on(run, looks=60)
    assert (run.state, run.phase, run.says) == ("needs_person", "undo", "AWS refuses")
    assert Lock.objects.filter(run=run).exists()
    broken["yes"] = False
    resume(run.pk, actor="bob", reason="allowed again")
    assert carry_on(run).state == "undone"


def test_an_undo_that_asks_a_person_can_be_stopped_as_it_stands(fresh_world: World) -> None:
    fresh_world.answer("b", fail)
    fresh_world.answer_undo("a", lambda _context: NeedsPerson("Nobody serves."))
    run = carry_on(begin("a", "b"))
    assert run.state == "needs_person"
    cancel(run.pk, actor="bob", reason="")
    run = carry_on(run)
    assert run.state == "failed"
    assert "Nobody serves. Stopped as it stood by bob." in run.failure
    assert not Lock.objects.exists()


def test_a_foreseen_refusal_fails_a_step_at_once(fresh_world: World) -> None:
    def refused(_context: Context) -> Outcome:
        raise Refusal("AWS refuses")

    fresh_world.answer("a", refused)
    run = carry_on(begin("a"))
    assert (run.state, run.failure) == ("undone", "AWS refuses")
    assert fresh_world.looks["a"] == 1


def test_past_the_point_of_no_return_a_failure_asks_a_person_and_can_be_gone_on_with(fresh_world: World) -> None:
    fresh_world.answer("delete", after(1, Failed("AWS refuses."), Done()))
    run = carry_on(begin("a", "delete", irreversible="delete"))
    assert run.state == "needs_person"
    assert due() == []
    resume(run.pk, actor="bob", reason="fixed")
    assert carry_on(run).state == "succeeded"
    assert fresh_world.did == ["a", "delete"]


def test_a_run_that_asks_a_person_past_its_point_of_no_return_can_be_stopped_as_it_stands(fresh_world: World) -> None:
    fresh_world.answer("delete", fail)
    run = carry_on(begin("a", "delete", irreversible="delete"))
    cancel(run.pk, actor="bob", reason="leave it")
    run = carry_on(run)
    assert run.state == "cancelled"
    assert fresh_world.did == ["a"]
    assert not Lock.objects.exists()


def test_cancelling_before_the_first_step_ends_at_once(fresh_world: World) -> None:
    run = cancel(begin("a").pk, actor="bob", reason="")
    assert run.state == "cancelled"
    assert not Lock.objects.exists()
    assert carry_on(run).state == "cancelled"
    assert fresh_world.did == []


def test_cancelling_a_running_run_undoes_it_and_names_who_cancelled(fresh_world: World) -> None:
    fresh_world.answer("b", lambda _context: Wait(3600, "waiting"))
    run = begin("a", "b")
    advance(run.pk)
    cancel(run.pk, actor="bob", reason="wrong image")
    run = carry_on(run)
    assert run.state == "undone"
    assert run.failure == "Cancelled by bob: wrong image"
    assert fresh_world.did == ["a", "undo b", "undo a"]


def test_a_cancellation_during_a_look_is_not_put_off_by_what_the_look_waits_for(fresh_world: World) -> None:
    run = begin("a")

    def cancelled_meanwhile(_context: Context) -> Outcome:
        cancel(run.pk, actor="bob", reason="")
        return Wait(28_800, "a canary of eight hours")

    fresh_world.answer("a", cancelled_meanwhile)
    advance(run.pk)
    assert due() == [run.pk]
    advance(run.pk)
    run.refresh_from_db()
    assert run.state == "undone"


def test_a_cancellation_during_the_last_look_undoes_all(fresh_world: World) -> None:
    run = begin("a", "b")

    def cancelled_meanwhile(_context: Context) -> Outcome:
        cancel(run.pk, actor="bob", reason="")
        return Done()

    fresh_world.answer("b", cancelled_meanwhile)
    assert carry_on(run).state == "undone"
    assert fresh_world.did == ["a", "b", "undo b", "undo a"]


def test_stopping_as_it_stands_keeps_what_is_kept(fresh_world: World) -> None:
    def borrow(context: Context) -> Outcome:
        context.borrow("scripted", "traffic of v012", ["tg"], says="detached", keep=True)
        return Done()

    fresh_world.answer("a", borrow)
    fresh_world.answer("delete", fail)
    run = carry_on(begin("a", "delete", irreversible="delete"))
    cancel(run.pk, actor="bob", reason="leave it")
    assert carry_on(run).state == "cancelled"
    assert Borrowed.objects.get().repaid_at is None


def test_what_an_undo_puts_back_as_it_was_kept_before_stays_so(fresh_world: World) -> None:
    def lend(context: Context) -> Outcome:
        context.borrow("scripted", "traffic of v012", ["tg"], says="detached", keep=True)
        return Done()

    def give_back(context: Context) -> Outcome:
        item = context.owed("scripted", "traffic of v012")
        assert item is not None
        return Done(repaid=(item.pk,))

    fresh_world.answer("push", lend)
    assert carry_on(begin("push")).state == "succeeded"
    fresh_world.answer("give", give_back)
    fresh_world.answer_undo("give", lend)
    fresh_world.answer("take", fail)
    assert carry_on(begin("give", "take")).state == "undone"
    assert not [did for did in fresh_world.did if did.startswith("repay")]
    assert Borrowed.objects.filter(repaid_at__isnull=True).count() == 1


def test_what_goes_with_a_steps_end_is_written_with_it_or_not_at_all(fresh_world: World) -> None:
    run = begin("a")

    def taken_over(_context: Context) -> Outcome:
        Run.objects.filter(pk=run.pk).update(lease_token=99)
        return Done(also=(lambda: Lock.objects.create(resource="mark", run=run, owner="a"),))

    fresh_world.answer("a", taken_over)
    advance(run.pk)
    assert not Lock.objects.filter(resource="mark").exists()


def test_a_look_that_outlives_its_lease_is_put_off_and_told(fresh_world: World) -> None:
    def slow(_context: Context) -> Outcome:
        Run.objects.filter(pk=run.pk).update(lease_until=run.created_at)
        return Done()

    run = begin("a")
    fresh_world.answer("a", slow)
    advance(run.pk)
    run.refresh_from_db()
    assert "trying again" in run.says
    assert due() == []
    fresh_world.answer("a", lambda _context: Done())
    assert carry_on(run).state == "succeeded"


def test_hours_of_errors_do_not_break_the_back_off(fresh_world: World) -> None:
    def throttled(_context: Context) -> Outcome:
        raise Passing("down")

    fresh_world.answer("a", throttled)
    run = begin("a")
    Run.objects.filter(pk=run.pk).update(errors=5000)
    assert carry_on(run).state == "undone"


@pytest.mark.parametrize("state", ["ended", "undoing", "irreversible"])
def test_what_cannot_be_cancelled_says_why(fresh_world: World, state: str) -> None:
    fresh_world.answer("b", lambda _context: Wait(3600, "waiting"))
    fresh_world.answer_undo("a", lambda _context: Wait(3600, "waiting"))
    if state == "ended":
        run = carry_on(begin("a"))
    elif state == "undoing":
        fresh_world.answer("b", fail)
        run = begin("a", "b")
        advance(run.pk)
    else:
        run = begin("a", "b", irreversible="b")
        advance(run.pk)
    with pytest.raises(CannotCancel):
        cancel(run.pk, actor="bob", reason="")


def test_a_needed_person_is_asked_and_nothing_goes_on_meanwhile(fresh_world: World) -> None:
    fresh_world.answer("a", lambda _context: NeedsPerson("Go on?"))
    run = carry_on(begin("a"))
    assert (run.state, run.says) == ("needs_person", "Go on?")


def test_one_run_at_a_time_holds_a_lock_and_the_refusal_names_its_owner(fresh_world: World) -> None:
    fresh_world.answer("a", lambda _context: Wait(3600, "waiting"))
    first = begin("a")
    with pytest.raises(Busy) as refused:
        begin("b")
    assert (refused.value.lock.owner, refused.value.lock.run_id) == ("ann", first.pk)
    assert Run.objects.count() == 1
    begin("b", lock="another")


def test_what_was_borrowed_is_repaid_at_the_end_once_and_with_the_first_original(fresh_world: World) -> None:
    def borrow(context: Context) -> Outcome:
        context.borrow("scripted", "min of v013", 4, says="min raised")
        context.borrow("scripted", "min of v013", 12, says="min raised")
        return Done()

    fresh_world.answer("a", borrow)
    run = carry_on(begin("a", "b"))
    assert run.state == "succeeded"
    assert fresh_world.did == ["a", "b", "repay min of v013 4"]
    assert Borrowed.objects.get().repaid_at is not None


def test_what_is_kept_stays_borrowed_after_success_and_is_repaid_after_an_undo(fresh_world: World) -> None:
    def borrow(context: Context) -> Outcome:
        context.borrow("scripted", "traffic of v012", ["tg"], says="detached", keep=True)
        return Done()

    fresh_world.answer("a", borrow)
    assert carry_on(begin("a")).state == "succeeded"
    assert Borrowed.objects.get().repaid_at is None
    fresh_world.answer("b", fail)
    second = carry_on(begin("a", "b"))
    assert second.state == "undone"
    assert Borrowed.objects.get().repaid_by == second


def test_a_ledger_item_that_cannot_be_repaid_is_told_and_left_for_a_person(fresh_world: World) -> None:
    def borrow(context: Context) -> Outcome:
        context.borrow("scripted", "x", 1, says="x raised")
        return Done()

    fresh_world.answer("a", borrow)
    fresh_world.answer("repay x", lambda _context: Failed("AWS refuses."))
    run = carry_on(begin("a"))
    assert run.state == "failed"
    assert "x raised could not be repaid: AWS refuses." in run.failure
    assert Borrowed.objects.get().stuck


def test_a_worker_that_lost_its_lease_writes_nothing_and_the_step_is_done_once_more_by_its_successor(
    fresh_world: World,
) -> None:
    run = begin("a", "b")

    def taken_over(_context: Context) -> Outcome:
        if fresh_world.looks["a"] == 1:
            Run.objects.filter(pk=run.pk).update(lease_token=99, lease_owner="another")
        return Done(facts={"by": fresh_world.looks["a"]})

    fresh_world.answer("a", taken_over)
    advance(run.pk)
    step = Step.objects.get(run=run, position=0)
    assert step.state == "running"
    Run.objects.filter(pk=run.pk).update(lease_until=None)
    run = carry_on(run)
    assert run.state == "succeeded"
    assert run.facts == {"by": 2}


def test_an_intent_is_stored_before_its_effect_and_seen_after_a_crash(fresh_world: World) -> None:
    run = begin("a")

    def crash_once(context: Context) -> Outcome:
        if "name" not in context.memory:
            context.remember(name="v013")
            raise SystemExit  # the worker is killed
        return Done(facts=dict(context.memory))

    fresh_world.answer("a", crash_once)
    with pytest.raises(SystemExit):
        advance(run.pk)
    assert due() == []  # its lease stands until it ends
    Run.objects.filter(pk=run.pk).update(lease_until=run.created_at)
    assert due() == [run.pk]
    assert carry_on(run).facts == {"name": "v013"}


def test_a_leased_run_cannot_be_claimed_by_another(fresh_world: World) -> None:
    run = begin("a")
    assert leases.claim(run.pk, "one") is not None
    assert leases.claim(run.pk, "two") is None
    advance(run.pk)
    assert fresh_world.did == []


def test_every_turn_of_a_run_has_an_event(fresh_world: World) -> None:
    fresh_world.answer("b", fail)
    carry_on(begin("a", "b"))
    assert list(Event.objects.order_by("id").values_list("kind", flat=True)) == [
        "run.started",
        "run.undoing",
        "run.undone",
    ]
