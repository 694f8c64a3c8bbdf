"""Where a person decides about a deployment: each choice with what it would do, and the ones not possible with why."""

from __future__ import annotations

from django.test import Client

from apps.deployments.models import Deployment
from apps.workflows.models import Attempt, Run, Step
from apps.workflows.states import RunState
from tests.console import world


def text_of(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


def path_of(deployment: Deployment) -> str:
    return f"/deployments/{deployment.pk}/decide/"


def asking() -> Deployment:
    """A push that asks a person while its new group becomes healthy."""
    world.moving()
    says = "i-0ab answers 503 on /health. Shall it be tried again?"
    Run.objects.update(state=RunState.NEEDS_PERSON, says=says, called="push 7")
    Step.objects.update(params={"group": "api-prod-v013"})
    return Deployment.objects.get()


def test_of_one_that_goes_on_it_offers_to_undo_and_to_stop_and_says_why_not_more(operator: Client) -> None:
    world.moving()
    text = text_of(operator.get(path_of(Deployment.objects.get())))
    assert "<h1>Cancel the push of 4.2.0?</h1>" in text
    assert 'name="choice" value="undo"' in text
    assert 'name="choice" value="stop"' in text
    assert 'name="choice" value="retry"' not in text
    assert "goes on by itself: it is waiting." in text


def test_of_one_that_asks_it_shows_what_each_choice_would_do(operator: Client) -> None:
    deployment = asking()
    text = text_of(operator.get(path_of(deployment)))
    assert "What shall become of the push of 4.2.0?" in text
    assert "i-0ab answers 503 on /health. Shall it be tried again?" in text
    retry, undo = text.index('id="choice-retry"'), text.index('id="choice-undo"')
    assert retry < text.index("Wait until 7 of 7 are healthy") < undo
    assert "Try it again</button>" in text
    assert f"Undo push {deployment.pk}</button>" in text
    assert undo < text.index("and delete it") < text.index('id="choice-stop"')


def test_the_pages_lead_there_while_it_asks(operator: Client, viewer: Client) -> None:
    deployment = asking()
    for path in (f"/deployments/{deployment.pk}/", f"/clusters/prod/{world.REGION}/api-prod/"):
        assert f'href="{path_of(deployment)}">Decide…</a>' in text_of(operator.get(path))
        assert f'href="{path_of(deployment)}"' not in text_of(viewer.get(path))


def test_a_choice_is_carried_out_and_recorded(operator: Client) -> None:
    deployment = asking()
    answer = operator.post(path_of(deployment), {"choice": "retry", "reason": "it was the cache"})
    assert answer.headers["Location"] == f"/deployments/{deployment.pk}/"
    deployment.run.refresh_from_db()
    assert deployment.run.state == RunState.RUNNING
    text = text_of(operator.get(f"/deployments/{deployment.pk}/"))
    assert "operator had push 7 try “Wait until 7 of 7 are healthy” again" in text


def test_one_that_is_not_possible_any_more_is_refused_with_its_reason(operator: Client) -> None:
    world.moving()
    deployment = Deployment.objects.get()
    for choice, words in (("retry", "goes on by itself"), ("forward", "goes on by itself"), ("yes", "is no choice")):
        answer = operator.post(path_of(deployment), {"choice": choice})
        assert answer.status_code == 409
        assert words in text_of(answer)


def test_of_one_that_has_ended_nothing_is_offered(operator: Client) -> None:
    world.settled()
    text = text_of(operator.get(path_of(Deployment.objects.latest("pk"))))
    assert "It has ended; there is nothing to decide any more." in text
    assert 'name="choice"' not in text


def test_the_question_of_a_plan_is_answered_with_go_on(operator: Client) -> None:
    deployment = asking()
    question = "api-prod-v013 has its part of 10 %. Go on, or have it all put back?"
    Step.objects.filter(state="running").update(kind="ask-person", title="Ask whether to go on after 10 %")
    Run.objects.update(says=question)
    text = text_of(operator.get(path_of(deployment)))
    assert '<h2 id="choice-forward-title">Go on</h2>' in text
    assert operator.post(path_of(deployment), {"choice": "forward"}).status_code == 302
    deployment.run.refresh_from_db()
    assert (deployment.run.state, deployment.run.position) == (RunState.RUNNING, 3)


def test_every_attempt_stays_with_its_worker_its_outcome_and_its_calls(operator: Client) -> None:
    deployment = asking()
    step = Step.objects.get(state="running")
    call = {"service": "elbv2", "operation": "DescribeTargetHealth", "outcome": "ok", "seconds": 0.1}
    Attempt.objects.create(step=step, phase="forward", worker="w2", looks=1, says="5 of 7", outcome="asked", log=[call])
    text = text_of(operator.get(f"/deployments/{deployment.pk}/"))
    attempts = text[text.index(f'id="tries-{step.position}"') :]
    assert attempts.index("2 attempts") < attempts.index("by w1") < attempts.index("asked: 5 of 7 (looked once)")
    assert "by w2" in attempts
    assert "elbv2:DescribeTargetHealth ok in 0.10 s" in attempts
