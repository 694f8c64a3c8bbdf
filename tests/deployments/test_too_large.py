"""Groups that are larger than they shall be in the end, and may not be made smaller while something in them is sick."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from apps.deployments import services
from apps.deployments.guard import LITTLE
from apps.deployments.replacement import GiveBack
from apps.deployments.steps.size_group import RestoreSize
from apps.deployments.steps.surge import loss_by
from apps.events.models import Event
from tests.deployments.lite import carry_on, cloud, service, sizes
from tests.deployments.test_guard import codes, healthy, standing
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]

NEW = "api-prod-v001"


def test_a_push_ends_with_a_group_that_may_not_shrink_as_large_as_it_is(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RestoreSize, "_held", lambda *_: f"{NEW} keeps what serves: one is sick.")
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert sizes(service, NEW) == (1, 3, 4)
    told = Event.objects.filter(run=pushed.run_id, kind="group.resized", subject=NEW).latest("pk").summary
    assert "desired stays: api-prod-v001 keeps what serves" in told


def test_a_surge_is_not_given_back_while_one_that_is_to_stay_is_sick() -> None:
    five: Any = replace(standing("api-prod-v005", *"aabba"), desired=5, min_size=1)
    context: Any = SimpleNamespace(memory={"sizing": {"surge": 1}})
    loss = loss_by(context, five, GiveBack(4))
    assert loss is not None
    assert codes(loss, healthy(five)) == []
    assert codes(loss, healthy(five, sick="i-050")) == [LITTLE]
