"""What the cluster page says."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.deployments.models import Deployment, KeptGroup
from apps.deployments.record import HISTORY
from apps.events.services import record
from apps.inventory.models import Cluster, Group, Instance, LoadBalancer, SyncState
from apps.inventory.selectors.metrics import GroupMetrics
from apps.inventory.selectors.standing import UNREAD
from apps.inventory.services import refresh
from apps.workflows.models import Run, Step
from apps.workflows.states import Phase, RunState, StepState
from tests.console import world


def page(client: Client, path: str) -> str:
    """The page's text with white space folded."""
    return " ".join(client.get(path).content.decode().split())


def test_it_says_in_a_sentence_which_version_serves_and_what_is_kept(operator: Client) -> None:
    settled = world.settled()
    assert "v013 (4.2.0) serves all traffic, 6 of 6 healthy. v012 is kept for rollback until the next push." in page(
        operator, settled.page
    )


def test_it_says_until_when_a_group_is_kept(operator: Client) -> None:
    settled = world.settled()
    until = timezone.now().replace(hour=18, minute=0)
    KeptGroup.objects.update(until=until)
    text = page(operator, settled.page)
    assert "v012 is kept for rollback until 18:00." in re.sub("<[^>]+>", "", text)
    assert "All times are UTC" in text


def test_it_says_who_changed_what_last_and_why(operator: Client) -> None:
    text = page(operator, world.settled().page)
    assert "Push of 4.2.0</a> by maria" in text
    assert "“fix login”" in text


def test_it_offers_to_roll_back_only_while_the_old_group_is_kept(operator: Client) -> None:
    settled = world.settled()
    assert "Roll back to v012" in page(operator, settled.page)
    KeptGroup.objects.update(ended_at=timezone.now())
    text = page(operator, settled.page)
    assert "Roll back to" not in text
    assert "api-prod-v012 was kept but is gone by now, or serves again, so there is nothing to roll back" in text
    assert 'id="action-roll-back" aria-disabled="true"' in text


def test_the_way_back_is_offered_however_many_clean_ups_came_since(operator: Client) -> None:
    settled = world.settled()
    old, new = settled.cluster.groups.order_by("name")
    for _ in range(HISTORY + 1):
        settled.push(old, new, kind=Deployment.Kind.CLEAN_UP)
    assert "Roll back to v012" in page(operator, settled.page)


def test_what_was_replaced_in_place_is_rolled_back_to_its_version(operator: Client) -> None:
    built = world.build()
    group = built.group(12, built.image("4.2.0"), healthy=2)
    pushed = built.push(group, group, from_version="4.1.9")
    text = page(operator, built.page)
    assert f'href="/deployments/{pushed.pk}/rollback/">Roll back to 4.1.9</a>' in text


def test_a_push_that_failed_with_the_old_group_kept_offers_the_way_back(operator: Client) -> None:
    built = world.build()
    old, new = (
        built.group(12, built.image("4.1.9", days=9), healthy=2, attached=False),
        built.group(13, built.image("4.2.0"), healthy=2),
    )
    built.keep(old, built.push(old, new, state=RunState.FAILED))
    assert "Roll back to v012" in page(operator, built.page)


def test_a_running_push_stands_between_its_groups_and_can_be_cancelled(operator: Client) -> None:
    text = page(operator, world.moving().page)
    places = [text.index('id="group-api-prod-v012"'), text.index('id="moving-'), text.index('id="group-api-prod-v013"')]
    assert places == sorted(places)
    assert "Waiting for 2 of 7 instances: i-0ab answers 503 on /health" in text
    assert "Cancel…" in text
    assert "Push…" in text


def test_an_undo_under_way_takes_no_more_queries_than_a_push(
    operator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    built = world.moving()
    Run.objects.update(state=RunState.UNDOING, phase=Phase.UNDO)
    Step.objects.exclude(state=StepState.PENDING).update(state=StepState.UNDOING, undo_started_at=timezone.now())
    with django_assert_max_num_queries(12):
        assert "Push of 4.2.0 is being undone." in page(operator, built.page)


def test_unhealthy_instances_say_why(operator: Client) -> None:
    text = page(operator, world.moving().page)
    assert "5 of 7 healthy" in text
    assert "2 instances: api-prod-tg: answers 503 on /health." in text


def test_the_square_of_an_instance_tells_how_it_is_and_leads_to_its_page(operator: Client) -> None:
    built = world.moving()
    text = page(operator, built.page)
    for sick in Instance.objects.filter(target_health__contains={built.target_group.arn: world.FAILING}):
        name = sick.instance_id
        square = re.search(
            rf'<a class="square square--unhealthy" id="square-{name}" href="([^"]*)" aria-label="([^"]*)"', text
        )
        assert square
        assert square[1] == f"/instances/prod/{world.REGION}/{name}/"
        assert square[2] == f"{name}, {sick.zone}, unhealthy: api-prod-tg: answers 503 on /health."


def test_traffic_is_shared_by_healthy_instances(operator: Client) -> None:
    text = page(operator, world.moving().page)
    assert "Share of traffic: 55 %" in text
    assert "Share of traffic: 45 %" in text


def test_no_group_serving_is_said_loudly(operator: Client) -> None:
    built = world.build()
    built.group(1, built.image("1.0"), healthy=0, failing=2)
    assert "No group serves traffic: no healthy instance is behind a listener." in page(operator, built.page)


def test_what_was_not_read_yet_is_said_and_asked_for_once(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(refresh, "send", lambda *told: asked.append(told))
    built = world.settled()
    LoadBalancer.objects.update(listeners=[])
    for _ in range(2):
        text = page(operator, built.page)
        assert UNREAD in text
        assert "traffic unknown" in text
    assert asked == [("inventory.refresh_wanted", "prod", world.REGION)]
    assert "not read yet" in page(operator, "/")
    assert "takes an unknown share of the traffic" in page(operator, f"/groups/prod/{world.REGION}/api-prod-v013/")
    assert "Its listeners were not read" in page(operator, f"/load-balancers/prod/{world.REGION}/api-prod/")
    LoadBalancer.objects.update(listeners_read_at=built.now)
    assert "No group serves traffic" in page(operator, built.page)


def test_a_cluster_without_groups_says_what_to_expect(operator: Client) -> None:
    assert "This cluster has no Auto Scaling group now." in page(operator, world.build().page)


def test_old_data_is_called_old(operator: Client) -> None:
    settled = world.settled()
    long_ago = timezone.now() - timedelta(hours=1)
    Cluster.objects.update(refreshed_at=None)
    SyncState.objects.update(succeeded_at=long_ago, error="Throttled in us-east-1.")
    text = page(operator, settled.page)
    assert "This is older than it should be. Throttled in us-east-1." in text
    assert "1 h ago" in text


def test_a_cluster_that_is_not_there_is_named(operator: Client) -> None:
    world.settled()
    answer = operator.get("/clusters/prod/us-east-1/nope/")
    assert answer.status_code == 404
    assert "There is no cluster nope in prod us-east-1." in answer.content.decode()


def test_a_group_kept_after_a_rollback_is_not_offered_as_a_way_back(operator: Client) -> None:
    built = world.build()
    old, new = built.image("4.1.9", days=9), built.image("4.2.0")
    back, left = built.group(12, old, healthy=2), built.group(13, new, healthy=2, attached=False)
    built.push(back, left)
    rolled = built.push(left, back, kind=Deployment.Kind.ROLLBACK)
    built.keep(left, rolled)
    text = page(operator, built.page)
    assert "v012 (4.1.9) serves all traffic, 2 of 2 healthy. v013 stands by, deleted at the next push." in text
    assert "Roll back to" not in text
    forward = f"went back from 4.2.0 ({new.image_id}); to go forward again, push that or another image.</p>"
    assert f"Rollback {rolled.pk} {forward}" in text


def test_an_instance_that_auto_scaling_takes_away_is_not_missed(operator: Client) -> None:
    settled = world.settled()
    group = Group.objects.get(name="api-prod-v013")
    leaving = Instance.objects.filter(group=group).latest("instance_id")
    Instance.objects.filter(pk=leaving.pk).update(lifecycle_state="Terminating")
    Group.objects.filter(pk=group.pk).update(desired=5)
    text = page(operator, settled.page)
    assert "v013 (4.2.0) serves all traffic, 5 of 5 healthy." in text
    assert "<span>5 of 5 healthy; 1 leaving</span>" in text
    Group.objects.filter(pk=group.pk).update(desired=6)
    assert "v013 (4.2.0) serves all traffic, 5 of 6 healthy." in page(operator, settled.page)


def test_a_rate_from_before_the_switch_is_not_shown(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    settled = world.settled()
    switched = Step.objects.get(run__state="succeeded", kind="take-traffic").ended_at
    assert switched is not None

    def measured(at: datetime) -> str:
        known = {"api-prod-v012": GroupMetrics(25.0, 0.0, None, (at,), (25.0,), (0.0,))}
        monkeypatch.setattr("apps.console.build.cluster.rates", lambda *_: known)
        return page(operator, settled.page)

    assert "25 requests/s" not in measured(switched - timedelta(seconds=5))
    assert "25 requests/s" in measured(switched + timedelta(seconds=5))


def test_buttons_that_cannot_be_pressed_say_why_once_for_each_reason(viewer: Client) -> None:
    text = page(viewer, world.moving().page)
    assert text.count("This needs the role operator; you are signed in as a viewer.</p>") == 1
    assert text.count('aria-describedby="why-this-needs-the-role-operator') == 2
    assert 'id="action-cancel"' in text


def test_while_something_runs_it_says_how_to_undo_it_instead_of_rolling_back(operator: Client) -> None:
    text = page(operator, world.moving().page)
    assert f"Push {Deployment.objects.get().pk} is going on; cancel it to undo it.</p>" in text


def test_where_no_push_took_effect_it_says_that_nothing_can_be_rolled_back(operator: Client) -> None:
    built = world.build()
    assert "Roll back" not in page(operator, built.page)
    old, new = built.group(12, built.image("4.1.9"), healthy=2), built.group(13, built.image("4.2.0"), healthy=2)
    undone = built.push(old, new, state=RunState.UNDONE, done=2)
    assert f"Push {undone.pk} ended undone; there is nothing to roll back.</p>" in page(operator, built.page)


def test_a_push_whose_group_left_traffic_by_hand_is_not_offered_to_be_rolled_back(operator: Client) -> None:
    settled = world.settled()
    settled.keep(Group.objects.get(name="api-prod-v013"), Deployment.objects.latest("pk"))
    text = page(operator, settled.page)
    assert "Roll back to" not in text
    assert "The traffic of api-prod-v013 was taken by hand since;" in text


def test_what_was_decided_after_the_last_deployment_is_told_beside_it(operator: Client) -> None:
    settled = world.settled()
    where = {"environment": "prod", "region": world.REGION, "cluster": settled.cluster.name}
    assert "After it" not in page(operator, settled.page)
    record("cluster.policy_changed", actor="jo", subject="api-prod", summary="50 % is enough", reason="sale", **where)
    record("group.resized", actor="jo", subject="api-prod-v013", summary="no decision", **where)
    text = page(operator, settled.page)
    told = text[text.index('id="last-event"') :].partition("</p>")[0]
    assert told.endswith("50 % is enough. By jo. “sale”")
    settled.push(*settled.cluster.groups.order_by("name"), state=RunState.RUNNING, done=2)
    assert "After it" not in page(operator, settled.page)  # what runs is the last change now, and has a page of its own
    Deployment.objects.filter(run__state=RunState.RUNNING).delete()
    Run.objects.filter(state="succeeded").update(ended_at=timezone.now() + timedelta(seconds=1))
    assert "After it" not in page(operator, settled.page)
