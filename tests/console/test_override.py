"""The page that overrides the traffic guard for a deployment under way."""

from __future__ import annotations

from html import unescape

from django.test import Client

from apps.deployments.guard import CODES, LITTLE
from apps.deployments.models import Deployment
from apps.workflows.models import Run, Step
from tests.console import world
from tests.console.test_overrides import text_of

SAYS = "api-prod-v012 keeps what serves: 2 healthy instances would be left, and 3 are needed (100 % of 3)."


def held() -> Deployment:
    built = world.moving()
    row = Deployment.objects.get(cluster=built.cluster)
    step = Step.objects.get(run=row.run, state="running")
    Step.objects.filter(pk=step.pk).update(memory={"held_by": [LITTLE]})
    Run.objects.filter(pk=row.run_id).update(says=SAYS)
    return row


def test_it_says_what_holds_it_and_what_going_on_means_and_asks_for_name_and_reason(operator: Client) -> None:
    row = held()
    page, path = f"/deployments/{row.pk}/", f"/deployments/{row.pk}/override/"
    assert f'href="{path}">Override the guard…</a>' in text_of(operator.get(page))
    text = text_of(operator.get(path))
    assert SAYS in text
    assert CODES[LITTLE] in unescape(text)
    for data, words in (
        ({"reason": "x", "confirmation": "api"}, "Type api-prod if that is meant."),
        ({"reason": "", "confirmation": "api-prod"}, "Say why: what is overridden is recorded with its reason."),
        ({"codes": ["gone"], "reason": "x", "confirmation": "api-prod"}, "gone cannot be overridden."),
    ):
        answer = operator.post(path, data)
        assert answer.status_code in {409, 422}
        assert words in text_of(answer)
    row.refresh_from_db()
    assert row.overrides == []
    assert operator.post(path, {"codes": [LITTLE], "reason": "x", "confirmation": "api-prod"}).status_code == 302
    row.refresh_from_db()
    assert row.overrides == [LITTLE]
    assert "Override the guard" not in text_of(operator.get(page))


def test_where_the_guard_holds_nothing_there_is_nothing_to_override(operator: Client) -> None:
    built = world.moving()
    row = Deployment.objects.get(cluster=built.cluster)
    page, path = f"/deployments/{row.pk}/", f"/deployments/{row.pk}/override/"
    assert "Override the guard" not in text_of(operator.get(page))
    assert "there is nothing to override" in text_of(operator.get(path))
    answer = operator.post(path, {"reason": "x", "confirmation": "api-prod"})
    assert answer.status_code == 409


def test_a_viewer_may_not(viewer: Client) -> None:
    row = held()
    assert viewer.post(f"/deployments/{row.pk}/override/", {"reason": "x"}).status_code == 403
