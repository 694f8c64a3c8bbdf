"""The lock of a cluster on its page: who holds it, who waits, what is borrowed, what was repaired; and breaking it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.deployments.models import Deployment
from apps.deployments.record import HISTORY
from apps.events.models import Event
from apps.inventory.models import Group
from apps.workflows.models import Borrowed, Lock, Run
from apps.workflows.states import RunState
from tests.console import world

RESOURCE = f"cluster:prod/{world.REGION}/api-prod"


def text_of(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


def held(**run: object) -> tuple[world.World, Deployment]:
    """A push that holds its cluster's lock."""
    built = world.moving()
    deployment = Deployment.objects.get()
    Run.objects.filter(pk=deployment.run_id).update(called=f"push {deployment.pk}", resource=RESOURCE, **run)
    Lock.objects.create(resource=RESOURCE, run=deployment.run, owner="maria", reason="fix login")
    return built, deployment


def waiting(built: world.World, actor: str) -> Deployment:
    """A push that waits for its turn."""
    before, after = Group.objects.order_by("name")
    made = built.push(before, after, state=RunState.QUEUED, done=0, actor=actor, reason="the next one")
    Run.objects.filter(pk=made.run_id).update(planned=False, resource=RESOURCE, started_at=None)
    return made


def test_the_page_names_who_holds_it_why_and_who_waits_in_turn(viewer: Client) -> None:
    built, running = held()
    waiting(built, "jo")
    waiting(built, "ann")
    text = text_of(viewer.get(built.page))
    lock = text[text.index('id="lock"') : text.index('id="history"')]
    assert f'Held by maria, <a href="/deployments/{running.pk}/">push {running.pk}</a>' in lock
    assert "“fix login”" in lock
    assert lock.index("by jo") < lock.index("by ann")
    assert "“the next one”" in lock
    # it is the first of them that moves
    assert f'id="moving-{running.pk}"' in text
    assert "Break the lock" not in text


def test_in_a_long_queue_nobody_is_forgotten(viewer: Client) -> None:
    built, running = held()
    for _ in range(HISTORY + 1):
        waiting(built, "jo")
    text = text_of(viewer.get(built.page))
    assert f'id="moving-{running.pk}"' in text
    assert text[text.index('id="lock"') : text.index('id="history"')].count("by jo") == HISTORY + 1


def test_a_free_cluster_shows_no_lock(operator: Client) -> None:
    assert 'id="lock"' not in text_of(operator.get(world.settled().page))


def test_breaking_it_says_what_it_will_do_and_asks_for_name_and_reason(operator: Client) -> None:
    built, running = held(state=RunState.NEEDS_PERSON, says="Shall it go on?")
    path = f"{built.page}unlock/"
    held_page = text_of(operator.get(built.page))
    assert f'href="{path}">Break the lock…</a>' in held_page
    assert "Push of 4.2.0 needs a person." in held_page
    text = text_of(operator.get(path))
    assert "asks for a person: Shall it go on?" in text
    assert "is stopped as it stands: it does nothing more, and nothing is undone." in text
    assert "Not done: Take traffic from api-prod-v012" in text
    assert f"Stop push {running.pk} and break the lock of api-prod</button>" in text
    for data, words in (
        ({"reason": "it hangs", "confirmation": "api"}, "Type api-prod if that is meant."),
        ({"reason": "", "confirmation": "api-prod"}, "Say why: breaking a lock is recorded with its reason."),
    ):
        answer = operator.post(path, data)
        assert answer.status_code == 422
        assert words in text_of(answer)
    assert Lock.objects.exists()
    assert operator.post(path, {"reason": "it hangs", "confirmation": "api-prod"}).status_code == 302
    assert not Lock.objects.exists()
    event = Event.objects.get(kind="lock.broken")
    assert (event.actor, event.reason) == ("operator", "it hangs")
    assert (event.environment, event.region, event.cluster) == ("prod", world.REGION, "api-prod")


def test_one_that_goes_on_is_stopped_only_by_force(operator: Client) -> None:
    built, _ = held()
    path, data = f"{built.page}unlock/", {"reason": "it hangs", "confirmation": "api-prod"}
    assert "It goes on by itself. Cancelling it is safer" in text_of(operator.get(path))
    answer = operator.post(path, data)
    assert answer.status_code == 409
    assert "goes on by itself" in text_of(answer)
    assert operator.post(path, {**data, "force": "on"}).status_code == 302


def test_where_nobody_holds_it_there_is_nothing_to_break(operator: Client) -> None:
    assert "Nobody holds it" in text_of(operator.get(f"{world.settled().page}unlock/"))


@pytest.mark.parametrize("who", ["viewer", "stranger"])
@pytest.mark.django_db
def test_others_break_nothing(who: str, request: pytest.FixtureRequest) -> None:
    built, _ = held()
    client: Client = request.getfixturevalue(who)
    data = {"reason": "it hangs", "confirmation": "api-prod", "force": "on"}
    assert client.post(f"{built.page}unlock/", data).status_code in {302, 403}
    assert Lock.objects.exists()


def test_what_is_borrowed_of_a_group_stands_in_its_column(viewer: Client) -> None:
    built, running = held()
    resource = f"prod/{world.REGION}/api-prod-v013"
    Borrowed.objects.create(
        run=running.run, kind="size", resource=resource, original={"min": 4}, says="min raised 4 → 12"
    )
    text = text_of(viewer.get(built.page))
    column = text[text.index('id="group-api-prod-v013"') :]
    assert f"min raised 4 → 12 by push {running.pk}, back by " in column
    says = "AZRebalance, Launch of api-prod-v013 held"
    Borrowed.objects.create(run=running.run, kind="processes", resource=resource, original=[], says=says, keep=True)
    Group.objects.update(suspended=dict.fromkeys(["AZRebalance", "Launch", "HealthCheck"], "User suspended"))
    text = text_of(viewer.get(built.page))
    column = text[text.index('id="group-api-prod-v013"') :]
    assert "<p>suspended: HealthCheck</p>" in column  # the others are told of once, with who holds them
    assert f"<p>AZRebalance, Launch held by push {running.pk}; " in column


def test_repairs_are_told_below_the_history(viewer: Client) -> None:
    built = world.settled()
    began = timezone.now() - timedelta(minutes=5)
    Run.objects.create(
        kind="repair",
        subject="api-prod",
        actor="deployconsole",
        reason="push 7 ended and left it so",
        resource=RESOURCE,
        state=RunState.SUCCEEDED,
        due_at=None,
        created_at=began,
        ended_at=began,
    )
    text = text_of(viewer.get(built.page))
    assert "push 7 ended and left it so" in text[text.index('id="repairs"') :]
