"""How a run goes on, waits, turns back and ends."""

from __future__ import annotations

from dataclasses import replace

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.events.models import Event
from apps.workflows.context import Context
from apps.workflows.models import Attempt, Run
from apps.workflows.plans import Done, Failed, Outcome, PlannedStep, Wait
from apps.workflows.services import advance
from apps.workflows.services.advance import due
from apps.workflows.timing import in_all
from tests.workflows.conftest import Passing, Refusal, World, after, begin, carry_on, fail


def test_steps_are_carried_out_in_order_and_the_run_succeeds(fresh_world: World) -> None:
    run = carry_on(begin("a", "b", "c"))
    assert run.state == "succeeded"
    assert fresh_world.did == ["a", "b", "c"]
    assert run.ended_at is not None
    assert run.due_at is None
    assert [attempt.outcome for attempt in Attempt.objects.order_by("id")] == ["done"] * 3


def test_a_step_costs_at_most_seven_statements_begin_and_commit_counted(fresh_world: World) -> None:
    run = begin(*(f"s{number}" for number in range(10)))
    with CaptureQueriesContext(connection) as seen:
        advance(run.pk)
    assert len(fresh_world.did) == 10
    assert len(seen) <= 70


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


def test_a_foreseen_refusal_fails_a_step_at_once(fresh_world: World) -> None:
    def refused(_context: Context) -> Outcome:
        raise Refusal("AWS refuses")

    fresh_world.answer("a", refused)
    run = carry_on(begin("a"))
    assert (run.state, run.failure) == ("undone", "AWS refuses")
    assert fresh_world.looks["a"] == 1


def test_hours_of_errors_do_not_break_the_back_off(fresh_world: World) -> None:
    def throttled(_context: Context) -> Outcome:
        raise Passing("down")

    fresh_world.answer("a", throttled)
    run = begin("a")
    Run.objects.filter(pk=run.pk).update(errors=5000)
    assert carry_on(run).state == "undone"


def test_every_turn_of_a_run_has_an_event(fresh_world: World) -> None:
    fresh_world.answer("b", fail)
    carry_on(begin("a", "b"))
    assert list(Event.objects.order_by("id").values_list("kind", flat=True)) == [
        "run.started",
        "run.undoing",
        "run.undone",
    ]


def test_a_step_is_never_expected_to_take_longer_than_until_it_gives_up() -> None:
    planned = PlannedStep("a", "A", timeout_seconds=40, expected_seconds=90)
    assert (planned.expected_seconds, replace(planned, timeout_seconds=30).expected_seconds) == (40, 30)
    assert in_all([planned, planned]) == 80
    assert in_all([planned, PlannedStep("b", "B")]) is None, "nobody can tell of one, so of all"
