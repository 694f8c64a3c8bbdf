"""Refusals that a person may override: with a reason, which is recorded; others stop whatever is asked."""

from __future__ import annotations

import pytest

from apps.deployments.errors import Finding, Invalid, Refused
from apps.deployments.models import Deployment
from apps.deployments.requests import Preview
from apps.deployments.services.start import Asked, start, start_later
from apps.events.models import Event
from apps.inventory.models import Application, Cluster, Environment
from apps.workflows.plans import PlannedStep

FREEZE = Finding("refuse", "freeze", "A freeze is on.")
GONE = Finding("refuse", "gone", "It is gone.")
STEP = PlannedStep("soak", "Watch")


@pytest.fixture
def cluster(db: None) -> Cluster:
    environment = Environment.objects.create(name="prod", account_id="1" * 12, regions=["us-east-1"])
    application = Application.objects.create(name="api")
    return Cluster.objects.create(
        environment=environment, region="us-east-1", name="api-prod", application=application, stack="prod"
    )


def begin(cluster: Cluster, *findings: Finding, codes: tuple[str, ...] = (), reason: str = "") -> Deployment:
    asked = Asked(Deployment.Kind.PUSH, cluster, "ann", reason, overrides=codes)
    return start(asked, Preview("Push", (STEP,), findings).letting_through(codes), 0)


def test_an_overridable_refusal_stops_until_it_is_named(cluster: Cluster) -> None:
    with pytest.raises(Refused):
        begin(cluster, FREEZE, reason="the login is broken")


def test_an_override_without_a_reason_names_the_field(cluster: Cluster) -> None:
    with pytest.raises(Invalid) as refused:
        begin(cluster, FREEZE, codes=("freeze",))
    assert list(refused.value.errors) == ["reason"]
    assert not Deployment.objects.exists()


def test_an_override_needs_its_reason_when_it_is_given_not_when_its_turn_comes(cluster: Cluster) -> None:
    asked = Asked(Deployment.Kind.PUSH, cluster, "ann", "  ", overrides=("freeze",), queue=True)
    with pytest.raises(Invalid) as refused:
        start_later(asked, Preview("Push, once it is free", ()))
    assert list(refused.value.errors) == ["reason"]
    assert not Deployment.objects.exists()


def test_an_override_is_recorded_with_its_reason(cluster: Cluster) -> None:
    made = begin(cluster, FREEZE, codes=("freeze",), reason="the login is broken")
    assert [finding["level"] for finding in made.findings] == ["overridden"]
    event = Event.objects.get(kind="deployment.overridden")
    assert (event.actor, event.reason, event.summary) == ("ann", "the login is broken", "ann overrode: A freeze is on.")


def test_a_final_refusal_is_not_let_through(cluster: Cluster) -> None:
    with pytest.raises(Refused) as refused:
        begin(cluster, FREEZE, GONE, codes=("freeze",), reason="because")
    assert [finding.level for finding in refused.value.findings] == ["overridden", "refuse"]
