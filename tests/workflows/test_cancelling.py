"""Cancelling, asking a person, going on, and stopping as it stands."""

from __future__ import annotations

import pytest

from apps.workflows.context import Context
from apps.workflows.models import Borrowed, Lock
from apps.workflows.plans import Done, Failed, NeedsPerson, Outcome, Wait
from apps.workflows.services import CannotDecide, advance, cancel, resume
from apps.workflows.services.advance import due
from tests.workflows.conftest import Refusal, World, after, begin, carry_on, fail


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
    assert run.failure == "Cancelled by bob: wrong image."
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
    with pytest.raises(CannotDecide):
        cancel(run.pk, actor="bob", reason="")


def test_a_needed_person_is_asked_and_nothing_goes_on_meanwhile(fresh_world: World) -> None:
    fresh_world.answer("a", lambda _context: NeedsPerson("Go on?"))
    run = carry_on(begin("a"))
    assert (run.state, run.says) == ("needs_person", "Go on?")
