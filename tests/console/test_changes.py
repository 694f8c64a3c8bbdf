"""What changed in the last hours, for whoever is on call: what, by whom, how it went, and the way back."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from apps.deployments.models import Deployment
from apps.events.services import record
from apps.workflows.models import Run
from tests.console import world


def page(client: Client, **query: str) -> str:
    return " ".join(client.get("/changes/", query).content.decode().split())


def recent(*deployments: Deployment, hours: float = 1.0) -> None:
    at = timezone.now() - timedelta(hours=hours)
    Deployment.objects.filter(pk__in=[each.pk for each in deployments]).update(created_at=at)
    Run.objects.filter(deployment__in=deployments, ended_at__isnull=False).update(ended_at=at)


def test_the_last_push_has_its_way_back_and_the_one_before_the_reason_why_not(operator: Client) -> None:
    settled = world.settled()
    old, new = settled.cluster.groups.order_by("name")
    first, last = Deployment.objects.latest("pk"), settled.push(old, new)
    recent(first, last)
    text = page(operator)
    assert f'href="/deployments/{last.pk}/rollback/">Roll back to v012</a>' in text
    assert f"came after push {first.pk}; only the last one can be rolled back." in text
    assert f'href="{settled.page}"' in text
    assert "“fix login”" in text


def test_a_viewer_is_told_which_role_a_rollback_needs(viewer: Client) -> None:
    world.settled()
    recent(Deployment.objects.latest("pk"))
    text = page(viewer)
    assert "Roll back to v012</a>" not in text
    assert "This needs the role operator" in text


def test_what_runs_can_be_cancelled_and_other_changes_are_told(operator: Client) -> None:
    built = world.moving()
    running = Deployment.objects.latest("pk")
    where = {"environment": built.environment.name, "region": world.REGION, "cluster": built.cluster.name}
    record(
        "policy.changed",
        actor="maria",
        subject=built.cluster.name,
        summary="min healthy 90 → 50",
        reason="sale",
        **where,
    )
    record("user.signed_in", actor="maria", subject="maria", summary="maria signed in")
    record(
        "group.traffic_given", actor="deployconsole", subject="v012", summary="v012 takes traffic", run=10**9, **where
    )
    record("freeze.made", actor="jo", subject="sale", summary="nothing is pushed until Monday")
    text = page(operator)
    assert f'href="/deployments/{running.pk}/cancel/">Cancel…</a>' in text
    assert "min healthy 90 → 50. By maria." in text
    assert "“sale”" in text
    assert "signed in" not in text
    assert "v012 takes traffic. By deployconsole." in text  # what a repair gave back
    assert "until Monday" in page(operator, environment=built.environment.name)  # it names no environment: it is of all


def test_hours_and_environment_are_of_the_url_and_none_is_said(operator: Client) -> None:
    world.settled()
    Deployment.objects.exclude(pk=Deployment.objects.latest("pk").pk).delete()
    last = Deployment.objects.latest("pk")
    recent(last, hours=5)
    assert f"/deployments/{last.pk}/" in page(operator, hours="12")
    for query in ({"hours": "3"}, {"hours": "12", "environment": "elsewhere"}):
        assert "Nobody changed anything here." in page(operator, **query)
    assert "in the last 12 hours" in page(operator, hours="many")
