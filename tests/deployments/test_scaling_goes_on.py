"""A group that cannot leave yet carries the load: it scales by itself meanwhile, and is held again before it leaves."""

from __future__ import annotations

import pytest

from apps.deployments import services
from apps.deployments.models import ClusterPolicy
from apps.deployments.services import set_policy
from apps.deployments.steps import hold_size
from apps.deployments.strategies.parts import SHRINKING
from apps.events.models import Event
from apps.inventory.models import Cluster
from tests.deployments.lite import carry_on, cloud, look_until, service
from tests.deployments.test_guard import no_zone_has_enough
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]

OLD = "api-prod-v000"


def suspended(service: Service) -> list[str]:
    return sorted(process["ProcessName"] for process in service.groups()[OLD]["SuspendedProcesses"])


@pytest.mark.parametrize("driver", ["shared-target-group", "weighted-target-groups"])
def test_it_scales_by_itself_while_the_guard_keeps_it(
    driver: str, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold_size, "SCALES_AGAIN_AFTER", 0.0)
    cluster = Cluster.objects.get()
    set_policy(cluster, actor="ann", reason="zones", min_healthy_percent_per_zone=100)
    ClusterPolicy.objects.filter(cluster=cluster).update(traffic_driver=driver)
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    with monkeypatch.context() as patched:
        no_zone_has_enough(patched)
        kept = "keeps what serves"
        look_until(pushed, lambda: kept in pushed.run.says and not suspended(service), "to be held back and to scale")
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert suspended(service) == sorted(SHRINKING)
    told = Event.objects.filter(subject=OLD, kind__startswith="group.processes").order_by("pk")
    assert [event.summary for event in told] == [
        f"{', '.join(SHRINKING)} of {OLD} suspended",
        f"{OLD}: resumed {', '.join(SHRINKING)}, for it goes on serving",
        f"{', '.join(SHRINKING)} of {OLD} suspended again",
    ]


def test_an_undo_tells_why_whoever_cancelled_it_did(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0", options={"soak_seconds": 3600}, reason="new"), actor="ann")
    look_until(pushed, lambda: "oak" in pushed.run.says, "to soak")
    services.cancel(pushed.pk, actor="bob", reason="errors")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    given = Event.objects.get(subject=OLD, kind="group.traffic_given")
    assert (given.actor, given.reason) == ("bob", "errors")
    taken = Event.objects.get(subject=OLD, kind="group.traffic_taken")
    assert (taken.actor, taken.reason) == ("ann", "new")
