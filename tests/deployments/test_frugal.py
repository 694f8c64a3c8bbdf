"""How many calls to AWS a push makes beside those by which it waits."""

from __future__ import annotations

from collections import Counter

from apps.deployments import services
from benchmarks.push_fleet import watching
from tests.deployments.lite import carry_on, cloud, service
from tests.deployments.test_push import request
from tests.deployments.test_traffic_by_hand import done, pushed
from tests.world import Service

__all__ = ["cloud", "service"]

MOST = 14  # a bare script that makes the fewest it can needs 8


def test_a_push_that_also_deletes_the_group_kept_before_makes_at_most_14_calls(service: Service) -> None:
    pushed(service)
    second = services.push(request(service, "1.2.0"), actor="ann")
    with watching() as seen:
        carry_on(second)
    assert done(second).run.state == "succeeded"
    assert "DeleteAutoScalingGroup" in seen.calls
    assert len(seen.calls) <= MOST, Counter(seen.calls)
