"""What the cluster page says."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.deployments.models import Deployment, KeptGroup
from apps.deployments.record import HISTORY
from apps.inventory.models import Cluster, Group, Instance, SyncState
from apps.inventory.selectors.metrics import GroupMetrics
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
    assert "v012 is kept for rollback until 18:00." in page(operator, settled.page)


def test_it_says_who_changed_what_last_and_why(operator: Client) -> None:
    text = page(operator, world.settled().page)
    assert "Push of 4.2.0</a> by maria" in text
    assert "“fix login”" in text


def test_it_offers_to_roll_back_only_while_the_old_group_is_kept(operator: Client) -> None:
    settled = world.settled()
    assert "Roll back to v012" in page(operator, settled.page)
    KeptGroup.objects.update(ended_at=timezone.now())
    assert "Roll back to" not in page(operator, settled.page)


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
        assert "Push of 4.2.0 is undoing." in page(operator, built.page)


def test_unhealthy_instances_say_why(operator: Client) -> None:
    text = page(operator, world.moving().page)
    assert "5 of 7 healthy" in text
    assert "2 instances: api-prod-tg: answers 503 on /health." in text


def test_traffic_is_shared_by_healthy_instances(operator: Client) -> None:
    text = page(operator, world.moving().page)
    assert "Share of traffic: 55 %" in text
    assert "Share of traffic: 45 %" in text


def test_no_group_serving_is_said_loudly(operator: Client) -> None:
    built = world.build()
    built.group(1, built.image("1.0"), healthy=0, failing=2)
    assert "No group serves traffic: no healthy instance is behind a listener." in page(operator, built.page)


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
    built.keep(left, built.push(left, back, kind=Deployment.Kind.ROLLBACK))
    text = page(operator, built.page)
    assert "v012 (4.1.9) serves all traffic, 2 of 2 healthy. v013 stands by, deleted at the next push." in text
    assert "Roll back to" not in text


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


def test_a_disabled_button_says_why_without_stray_marks(viewer: Client) -> None:
    text = page(viewer, world.moving().page)
    assert '<span class="visually-hidden">This needs the role operator;' in text
    assert 'id="action-cancel"' in text
