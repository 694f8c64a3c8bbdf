"""Weighted target groups and classic load balancers under requests from outside: not one fails."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from apps.deployments import services
from apps.deployments.services import set_policy
from apps.inventory.models import Cluster
from tests.deployments.classic import behind_classic
from tests.deployments.conftest import Drive
from tests.deployments.test_push import request
from tests.load import LoadClient
from tests.world import Service


def weighted(service: Service) -> Service:
    set_policy(Cluster.objects.get(), actor="ann", reason="at once", traffic_driver="weighted-target-groups")
    return service


@pytest.mark.parametrize("driven", [weighted, behind_classic])
def test_a_push_and_its_rollback_fail_no_request(
    driven: Callable[[Service], Service], service: Service, drive: Drive
) -> None:
    service = driven(service)
    client = LoadClient(service.url, rate=50)
    client.start()
    try:
        pushed = drive(services.push(request(service, "1.1.0"), actor="ann"))
        asked = time.time()
        back = drive(services.rollback(pushed.pk, actor="bob"))
    finally:
        result = client.stop()
    assert pushed.run.state == back.run.state == "succeeded", (pushed.run.failure, back.run.failure)
    assert not result.failures, result
    served = [body for _, body in result.transitions]
    assert served[0] == served[-1] == "api 1.0.0"
    assert set(served) == {"api 1.0.0", "api 1.1.0"}
    if driven is weighted:  # one call moves all of it: the bad version's last answer follows the click at once
        last = max(moment for moment, body in result.transitions if body == "api 1.0.0")
        assert last - asked < 10
