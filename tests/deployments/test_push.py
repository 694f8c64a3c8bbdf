"""A red/black push, against the embedded cloud."""

from __future__ import annotations

from typing import Any

from apps.deployments import services
from apps.deployments.models import Deployment
from apps.deployments.requests import PushRequest
from apps.inventory.services import set_user_data
from tests.deployments.conftest import Drive
from tests.load import LoadClient
from tests.world import Service


def request(service: Service, image: str, **more: Any) -> PushRequest:
    return PushRequest("prod", service.place.region, service.cluster, service.images.get(image, image), **more)


def test_a_push_moves_all_traffic_to_the_new_version_without_failing_a_request(service: Service, drive: Drive) -> None:
    client = LoadClient(service.url, rate=50)
    client.start()
    pushed = drive(services.push(request(service, "1.1.0"), actor="ann"))
    result = client.stop()
    assert pushed.run.state == "succeeded", pushed.run.failure
    assert not result.failures
    assert result.order == ["api 1.0.0", "api 1.1.0"]
    assert service.answer() == "api 1.1.0"
    groups = service.groups()
    assert sorted(groups) == ["api-prod-v000", "api-prod-v001"]
    old, new = groups["api-prod-v000"], groups["api-prod-v001"]
    assert (new["MinSize"], new["MaxSize"], new["DesiredCapacity"]) == (1, 4, 2)
    assert old["TargetGroupARNs"] == []
    assert len(old["Instances"]) == 2
    assert new["LaunchTemplate"]["Version"] == "2"


def test_a_rollback_returns_to_the_kept_group_and_to_what_its_instances_were_told(
    service: Service, drive: Drive
) -> None:
    set_user_data("api", {"text": "#!/bin/sh\n${exports}\n"}, actor="ada", reason="identity")
    pushed = drive(services.push(request(service, "1.1.0"), actor="ann"))
    assert "CLOUD_GROUP=api-prod-v001\n" in service.answer("identity")
    client = LoadClient(service.url, rate=50)
    client.start()
    back = drive(services.rollback(pushed.pk, actor="bob", reason="errors"))
    result = client.stop()
    assert back.kind == Deployment.Kind.ROLLBACK
    assert back.run.state == "succeeded", back.run.failure
    assert not result.failures
    assert result.order == ["api 1.1.0", "api 1.0.0"]
    old = service.groups()["api-prod-v000"]
    assert (old["MinSize"], old["MaxSize"], old["DesiredCapacity"]) == (1, 4, 2)
    assert old["SuspendedProcesses"] == []
    assert service.answer("identity") == ""


def test_a_version_that_never_becomes_healthy_undoes_itself(service: Service, drive: Drive) -> None:
    pushed = drive(
        services.push(request(service, "never_healthy", options={"healthy_within_seconds": 10}), actor="ann")
    )
    assert pushed.run.state == "undone"
    assert "503" in pushed.run.failure
    assert sorted(service.groups()) == ["api-prod-v000"]
    assert service.answer() == "api 1.0.0"
