"""What a person may decide about a run: offered in words, refused with a reason, carried out once."""

from __future__ import annotations

import pytest

from apps.events.models import Event
from apps.workflows import kinds
from apps.workflows.context import Context
from apps.workflows.models import Attempt, Borrowed, Lock, Run
from apps.workflows.plans import Done, Failed, NeedsPerson, Outcome, Wait
from apps.workflows.services import CannotDecide, advance, choices, decide
from apps.workflows.states import OnFailure
from tests.workflows.conftest import Scripted, World, after, begin, carry_on, fail


@kinds.register
class Optional(Scripted):
    """A step that what comes after it can do without."""

    slug = "optional"
    skippable = True

    def afresh(self, memory: dict[str, object]) -> dict[str, object]:  # type: ignore[override]
        return {key: value for key, value in memory.items() if key != "since"}


def asking(*names: str, optional: str = "") -> Run:
    """A run that asks a person when a step fails."""
    run = begin(*names, on_failure=OnFailure.ASK)
    run.steps.filter(title=optional).update(kind="optional")
    return run


def possible(run: Run) -> set[str]:
    return {choice.slug for choice in choices(run) if choice.possible}


def test_a_failure_asks_a_person_where_the_run_says_so_and_the_step_can_be_tried_again(fresh_world: World) -> None:
    fresh_world.answer("b", after(1, Failed("It broke.")))
    run = carry_on(asking("a", "b", "c"))
    assert (run.state, run.says, run.steps.get(position=1).state) == ("needs_person", "It broke.", "failed")
    assert possible(run) == {"retry", "undo", "stop"}
    decide(run.pk, "retry", actor="bob", reason="the quota was raised")
    assert carry_on(run).state == "succeeded"
    assert fresh_world.did == ["a", "b", "c"]
    tried = Attempt.objects.filter(step__run=run, step__position=1).order_by("id")
    assert [(each.outcome, each.says) for each in tried] == [("failed", "It broke."), ("done", "")]
    event = Event.objects.get(kind="run.retried")
    assert (event.actor, event.reason) == ("bob", "the quota was raised")


def test_a_question_is_an_attempt_of_its_own_and_the_next_one_begins_with_a_fresh_clock(fresh_world: World) -> None:
    seen: list[dict[str, object]] = []

    def ask_once(context: Context) -> Outcome:
        seen.append(dict(context.memory))
        if len(seen) == 1:
            context.remember(since=10.0, name="v013")
            return NeedsPerson("Go on?")
        return Done()

    fresh_world.answer("a", ask_once)
    run = carry_on(asking("a", optional="a"))
    asked_at = run.steps.get(position=0).started_at
    decide(run.pk, "retry", actor="bob", reason="")
    step = run.steps.get(position=0)
    assert asked_at is not None
    assert step.started_at is not None
    assert step.started_at > asked_at
    assert carry_on(run).state == "succeeded"
    assert seen == [{}, {"name": "v013"}]
    assert [each.outcome for each in Attempt.objects.order_by("id")] == ["asked", "done"]


def test_a_failed_step_can_be_undone_from_there(fresh_world: World) -> None:
    fresh_world.answer("b", fail)
    run = carry_on(asking("a", "b"))
    decide(run.pk, "undo", actor="bob", reason="")
    assert carry_on(run).state == "undone"
    assert fresh_world.did == ["a", "undo b", "undo a"]


def test_a_step_that_may_be_left_out_is_left_out_and_undone_with_the_rest_if_it_comes_to_that(
    fresh_world: World,
) -> None:
    fresh_world.answer("soak", fail)
    run = carry_on(asking("a", "soak", "c", optional="soak"))
    assert "forward" in possible(run)
    decide(run.pk, "forward", actor="bob", reason="known noise")
    fresh_world.answer("c", fail)
    run = carry_on(run)
    assert [step.state for step in run.steps.all()] == ["done", "skipped", "failed"]
    assert Attempt.objects.filter(step__position=1).get().outcome == "failed"
    decide(run.pk, "undo", actor="bob", reason="")
    assert carry_on(run).state == "undone"
    assert fresh_world.did == ["a", "undo c", "undo soak", "undo a"]


def test_past_the_point_of_no_return_the_way_is_forward(fresh_world: World) -> None:
    fresh_world.answer("delete", fail)
    run = carry_on(begin("a", "delete", "c", irreversible="delete"))
    assert possible(run) == {"retry", "stop", "forward"}
    why = next(choice.why_not for choice in choices(run) if choice.slug == "undo")
    assert why == f"Push {run.pk} is past its point of no return: “delete” has started."
    decide(run.pk, "forward", actor="bob", reason="by hand")
    assert carry_on(run).state == "succeeded"
    assert fresh_world.did == ["a", "c"]


def test_a_running_run_is_stopped_as_it_stands_between_two_looks(fresh_world: World) -> None:
    def borrow(context: Context) -> Outcome:
        context.borrow("scripted", "min of v013", 4, says="min raised 4 → 12")
        context.borrow("scripted", "traffic of v012", ["tg"], says="v012 taken out of traffic", keep=True)
        return Done()

    fresh_world.answer("a", borrow)
    fresh_world.answer("b", lambda _context: Wait(3600, "1 of 2 healthy."))
    run = begin("a", "b", "c")
    advance(run.pk)
    run.refresh_from_db()
    assert possible(run) == {"undo", "stop"}
    stop = next(choice for choice in choices(run) if choice.slug == "stop")
    assert stop.stays == ("v012 taken out of traffic",)
    assert "Stays as it is: v012 taken out of traffic." in stop.says
    decide(run.pk, "stop", actor="bob", reason="look at it first")
    run.refresh_from_db()
    assert possible(run) == set()
    run = carry_on(run)
    assert (run.state, run.failure) == (
        "cancelled",
        "1 of 2 healthy. Stopped as it stood by bob: look at it first.",
    )
    assert fresh_world.did == ["a", "repay min of v013 4"]
    assert [item.says for item in Borrowed.objects.filter(repaid_at__isnull=True)] == ["v012 taken out of traffic"]
    assert not Lock.objects.exists()


def test_a_stop_that_meets_a_failure_is_heeded_before_anything_is_undone(fresh_world: World) -> None:
    run = begin("a", "b")

    def stopped_meanwhile(_context: Context) -> Outcome:
        decide(run.pk, "stop", actor="bob", reason="")
        return Failed("It broke.")

    def borrow(context: Context) -> Outcome:
        context.borrow("scripted", "traffic of v012", ["tg"], says="detached", keep=True)
        return Done()

    fresh_world.answer("a", borrow)
    fresh_world.answer("b", stopped_meanwhile)
    run = carry_on(run)
    assert (run.state, run.failure) == ("failed", "It broke. Stopped as it stood by bob.")
    assert fresh_world.did == ["a"]
    assert Borrowed.objects.get().repaid_at is None


def test_an_undo_that_is_stuck_is_tried_again_or_stopped(fresh_world: World) -> None:
    fresh_world.answer("b", fail)
    fresh_world.answer_undo("a", after(1, NeedsPerson("Nobody serves.")))
    run = carry_on(begin("a", "b"))
    assert possible(run) == {"retry", "stop"}
    decide(run.pk, "retry", actor="bob", reason="")
    assert carry_on(run).state == "undone"


@pytest.mark.parametrize(("choice", "why"), [("retry", "goes on by itself"), ("forward", "goes on by itself")])
def test_what_is_no_choice_now_says_why(choice: str, why: str) -> None:
    run = begin("a")
    with pytest.raises(CannotDecide, match=why):
        decide(run.pk, choice, actor="bob", reason="")


def test_what_is_no_choice_at_all_is_refused_with_those_there_are() -> None:
    with pytest.raises(CannotDecide, match="there are retry, undo, stop, forward"):
        decide(begin("a").pk, "explode", actor="bob", reason="")


def test_a_run_that_never_began_is_ended_and_has_nothing_to_leave_as_it_stands() -> None:
    run = begin("a")
    assert possible(run) == {"undo"}
    assert decide(run.pk, "undo", actor="bob", reason="").state == "cancelled"
    run.refresh_from_db()
    assert choices(run) == ()
