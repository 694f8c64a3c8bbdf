"""Rolling red/black: part by part, watched or asked about, and all of it put back when a person says so."""

from __future__ import annotations

from typing import Any

import pytest

from apps.deployments import services
from apps.deployments.errors import Invalid
from apps.deployments.models import Deployment
from apps.deployments.strategies.rolling_red_black import Options, check, plan
from apps.workflows.models import Borrowed, Lock
from apps.workflows.options import parse
from apps.workflows.services import decide
from tests.deployments.lite import attached, carry_on, cloud, look_until, service, sizes
from tests.deployments.situations import situation
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]

OLD, NEW = "api-prod-v000", "api-prod-v001"


def push(service: Service, **options: Any) -> Deployment:
    chosen = {"watch_seconds": 0, **options}
    return services.push(request(service, "1.1.0", strategy="rolling-red-black", options=chosen), actor="ann")


def asks(pushed: Deployment) -> None:
    look_until(pushed, lambda: pushed.run.state == "needs_person", "to ask")


def test_the_new_group_grows_part_by_part_and_then_has_it_all(service: Service) -> None:
    pushed = push(service, percentages="50", between="ask")
    asks(pushed)
    assert sizes(service, NEW)[1] == 2  # half of 2 and the margin, rounded up
    assert attached(service) == [OLD, NEW]
    decide(pushed.run_id, "forward", actor="ann", reason="")
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert attached(service) == [NEW]
    assert sizes(service, NEW) == (1, 2, 4)


def test_a_person_who_says_no_has_everything_put_back(service: Service) -> None:
    pushed = push(service, percentages="10, 50", between="ask")
    asks(pushed)
    decide(pushed.run_id, "undo", actor="ann", reason="errors")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert list(service.groups()) == [OLD]
    assert attached(service) == [OLD]
    assert sizes(service, OLD) == (1, 2, 4)
    assert not Borrowed.objects.filter(repaid_at__isnull=True).exists()
    assert not Lock.objects.exists()


def test_each_part_is_watched(service: Service) -> None:
    pushed = push(service, percentages="50", watch_seconds=1)
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    kinds = [step.kind for step in pushed.run.steps.order_by("position")]
    assert kinds[kinds.index("share-traffic") + 1] == "soak"


def test_the_plan_names_each_part() -> None:
    preview = plan(situation(), Options(percentages="10, 50"))
    assert [step.kind for step in preview.steps].count("share-traffic") == 2
    assert preview.steps[2].title == "Size api-prod-v013 to 1"


@pytest.mark.parametrize("wrong", ["", "none", "50, 10", "10, 10", "0, 50", "50, 100", "-5"])
def test_parts_that_make_no_sense_are_refused_by_name(wrong: str) -> None:
    assert list(check(parse(Options, {"percentages": wrong}))) == ["options.percentages"]


def test_the_push_itself_refuses_them(service: Service) -> None:
    with pytest.raises(Invalid) as refused:
        push(service, percentages="50, 10")
    assert list(refused.value.errors) == ["options.percentages"]
