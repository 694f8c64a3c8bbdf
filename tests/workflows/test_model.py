"""The engine against a model: whatever steps answer, whoever cancels, whenever a worker dies, a run ends as it must."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.workflows.context import Context
from apps.workflows.models import Attempt, Borrowed, Lock, Run
from apps.workflows.plans import Done, Failed, Outcome, Wait
from apps.workflows.services import CannotDecide, advance, decide
from apps.workflows.states import ENDED, Decision, OnFailure
from tests.workflows.conftest import Passing, World, begin, world

ANSWERS = st.lists(st.sampled_from(["done", "wait", "fail", "throttle", "bug", "die"]), min_size=1, max_size=6)
# undoing, a bug that shows five times in a row rightly ends as failed: not what this model is about
BACK = st.lists(st.sampled_from(["done", "wait", "throttle", "die"]), min_size=1, max_size=6)


class Died(BaseException):
    """The worker was killed."""


def scripted(name: str, answers: list[str], effects: list[str], undoing: bool) -> object:
    """A step that answers as listed, then is done. It has its effect at most once, as a describe-first step has."""
    left = list(answers)

    def script(context: Context) -> Outcome:
        answer = left.pop(0) if left else "done"
        if answer == "throttle":
            raise Passing("slow down")
        if answer == "bug":
            raise ValueError("bug")
        if answer == "wait":
            return Wait(1, f"waiting for {name}")
        _take_effect(context, name, effects, undoing)
        if answer == "die":
            raise Died
        return Failed("failed") if answer == "fail" and not undoing else Done()

    return script


def _take_effect(context: Context, name: str, effects: list[str], undoing: bool) -> None:
    if undoing:
        effects[:] = [effect for effect in effects if effect != name]
    elif name not in effects:
        context.borrow("scripted", name, "original", says=name)
        effects.append(name)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    forward=st.lists(ANSWERS, min_size=1, max_size=4),
    backward=st.lists(BACK, min_size=4, max_size=4),
    decisions=st.dictionaries(st.integers(0, 12), st.sampled_from(list(Decision)), max_size=3),
    on_failure=st.sampled_from(list(OnFailure)),
)
def test_a_run_ends_done_or_put_back_or_as_it_stood_with_nothing_borrowed_and_no_lock(
    fresh_world: World,
    forward: list[list[str]],
    backward: list[list[str]],
    decisions: dict[int, Decision],
    on_failure: OnFailure,
) -> None:
    world.__init__()  # type: ignore[misc]
    names = [f"s{number}" for number in range(len(forward))]
    effects: list[str] = []
    for name, answers, back in zip(names, forward, backward, strict=False):
        world.answer(name, scripted(name, answers, effects, undoing=False))
        world.answer_undo(name, scripted(name, back, effects, undoing=True))
    run = begin(*names, lock=f"lock {Lock.objects.count()}", on_failure=on_failure)
    stopped = False
    for look in range(200):
        decided = decisions.get(look) or (Decision.RETRY if run.state == "needs_person" else None)
        stopped |= _decide(run, decided) and decided == Decision.STOP
        Run.objects.filter(pk=run.pk, due_at__isnull=False).update(due_at=run.created_at, lease_until=None)
        try:
            advance(run.pk)
        except Died:
            continue
        run.refresh_from_db()
        if run.ended:
            break
    assert run.state in ({"cancelled", "failed"} if stopped else ENDED - {"failed"}), run.failure
    if not stopped:
        assert effects == (names if run.state == "succeeded" else [])
    assert not Borrowed.objects.filter(run=run, repaid_at__isnull=True).exists()
    assert not Lock.objects.filter(run=run).exists()
    assert not Attempt.objects.filter(step__run=run, ended_at__isnull=True).exists()
    if run.state == "succeeded":
        assert {step.state for step in run.steps.all()} == {"done"}


def _decide(run: Run, decision: Decision | None) -> bool:
    """Whether the decision was one to be had."""
    if decision is None:
        return False
    try:
        decide(run.pk, decision, actor="bob", reason="")
    except CannotDecide:
        return False
    return True
