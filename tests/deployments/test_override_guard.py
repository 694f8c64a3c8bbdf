"""Overriding the traffic guard for what is under way: by whom, why, and only what it is held by."""

from __future__ import annotations

from typing import Any

import pytest

from apps.deployments import services
from apps.deployments.errors import CannotCancel, Invalid
from apps.deployments.guard import LITTLE, ZONE
from apps.deployments.models import ClusterPolicy, Deployment
from apps.deployments.selectors import detail, held_by
from apps.events.models import Event
from apps.inventory.models import Cluster
from tests.deployments.lite import attached, carry_on, cloud, look_until, service, until_step, until_waiting
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]

OLD, NEW = "api-prod-v000", "api-prod-v001"


def asks_for_more_than_there_is(service: Service) -> None:
    ClusterPolicy.objects.create(cluster=Cluster.objects.get(), min_healthy_percent=1000)


@pytest.fixture
def held(service: Service) -> Deployment:
    """A push that the guard holds before the traffic moves."""
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_waiting(pushed, service)
    asks_for_more_than_there_is(service)
    look_until(pushed, lambda: "keeps what serves" in pushed.run.says, "to be held")
    return pushed


def test_a_push_names_what_holds_it_and_goes_on_once_that_is_overridden_with_a_reason(
    service: Service, held: Deployment
) -> None:
    assert held_by(detail(held.pk)) == (LITTLE,)
    services.override(held.pk, (), actor="bob", reason="the site is down anyway")
    assert held_by(detail(held.pk)) == ()
    assert carry_on(held).state == "succeeded", held.run.failure
    event = Event.objects.get(kind="deployment.overridden")
    assert (event.actor, event.reason, event.after["code"]) == ("bob", "the site is down anyway", LITTLE)
    assert attached(service) == [NEW]


def test_what_does_not_hold_it_is_no_help(held: Deployment) -> None:
    services.override(held.pk, (ZONE,), actor="bob", reason="zones")
    look_until(held, lambda: held.run.state == "waiting" and "keeps what serves" in held.run.says, "to be held still")
    assert held_by(detail(held.pk)) == (LITTLE,)


def test_an_undo_that_is_held_goes_on_too(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0", options={"soak_seconds": 3600}), actor="ann")
    until_step(pushed, "soak")
    asks_for_more_than_there_is(service)
    services.cancel(pushed.pk, actor="ann")
    look_until(pushed, lambda: "keeps what serves" in pushed.run.says, "to be held")
    services.override(pushed.pk, (), actor="bob", reason="it is fine")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert attached(service) == [OLD]


@pytest.mark.parametrize(
    ("codes", "reason", "field"),
    [((), " ", "reason"), ((LITTLE, "freeze"), "why", "overrides"), (("gone",), "why", "overrides")],
)
def test_a_reason_and_codes_of_the_guard_are_asked_for(
    held: Deployment, codes: tuple[str, ...], reason: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        services.override(held.pk, codes, actor="bob", reason=reason)
    assert list(refused.value.errors) == [field]
    held.refresh_from_db()
    assert held.overrides == []


def test_what_the_guard_does_not_hold_has_nothing_to_override(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    with pytest.raises(CannotCancel, match="does not hold"):
        services.override(pushed.pk, (), actor="bob", reason="why")
    carry_on(pushed)
    with pytest.raises(CannotCancel, match="has ended"):
        services.override(pushed.pk, (LITTLE,), actor="bob", reason="why")


@pytest.mark.parametrize("ask", [services.push, services.preview_push])
def test_a_code_that_nothing_has_is_refused_with_those_that_there_are(service: Service, ask: Any) -> None:
    mistyped = request(service, "1.1.0", overrides=("guard-min-health",), reason="why")
    with pytest.raises(Invalid) as refused:
        ask(mistyped, **({"actor": "ann"} if ask is services.push else {}))
    [text] = refused.value.errors["overrides"]
    assert text.startswith("guard-min-health cannot be overridden. What can be: ")
    assert LITTLE in text
    assert not Deployment.objects.exists()


def test_one_that_waits_for_its_turn_is_not_begun_by_it(service: Service, held: Deployment) -> None:
    queued = services.push(request(service, "1.2.0", queue=True), actor="bob")
    services.override(queued.pk, (LITTLE,), actor="bob", reason="ahead")
    queued.refresh_from_db()
    assert (queued.run.due_at, queued.overrides) == (None, [LITTLE])


def test_an_undo_that_the_guard_does_not_hold_says_nothing_of_what_held_the_push(
    service: Service, held: Deployment
) -> None:
    services.cancel(held.pk, actor="bob")
    step = held.run.steps.get(kind="take-traffic")
    look_until(held, lambda: "undoing" in held.run.steps.get(pk=step.pk).memory, "to undo the taking")
    assert step.memory["held_by"] == [LITTLE]
    assert held.run.steps.get(pk=step.pk).memory["held_by"] == []
