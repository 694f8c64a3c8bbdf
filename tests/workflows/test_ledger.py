"""Locks, leases and the ledger: what is held, by whom, and how it is given back."""

from __future__ import annotations

import pytest

from apps.workflows import lease as leases
from apps.workflows.context import Context
from apps.workflows.models import Borrowed, Lock, Run, Step
from apps.workflows.plans import Done, Failed, Outcome, Wait
from apps.workflows.services import Busy, advance
from apps.workflows.services.advance import due
from tests.workflows.conftest import World, begin, carry_on, fail


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
