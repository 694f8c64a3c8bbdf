"""A group behind a classic load balancer, under traffic: the push moves it there and back without a failed request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.deployments import services
from apps.inventory.models import Cluster, Environment
from apps.inventory.services import refresh_cluster
from apps.localcloud.launch import RunningCloud
from tests.deployments.conftest import Drive
from tests.deployments.test_push import request
from tests.load import LoadClient
from tests.world import Service, build, wait_for

NAME = "api-prod-classic"


@pytest.fixture
def classic(aws: RunningCloud, tmp_path: Path, transactional_db: None) -> Service:
    """The service with a classic load balancer in place of its target group; `url` is the balancer's."""
    service = build(aws, tmp_path)
    elb, asg = service.place.client("elb"), service.place.client("autoscaling")
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 8080, "InstancePort": 8080}
    subnets = service.groups()[service.group]["VPCZoneIdentifier"].split(",")
    made = elb.create_load_balancer(LoadBalancerName=NAME, Listeners=[listener], Subnets=subnets)
    check = {"Target": "HTTP:8080/health", "Interval": 5, "Timeout": 2, "UnhealthyThreshold": 2, "HealthyThreshold": 2}
    elb.configure_health_check(LoadBalancerName=NAME, HealthCheck=check)
    draining = {"ConnectionDraining": {"Enabled": True, "Timeout": 10}}
    elb.modify_load_balancer_attributes(LoadBalancerName=NAME, LoadBalancerAttributes=draining)
    asg.attach_load_balancers(AutoScalingGroupName=service.group, LoadBalancerNames=[NAME])
    wait_for(lambda: in_service(service) == 2, "both behind the classic load balancer")
    asg.detach_load_balancer_target_groups(AutoScalingGroupName=service.group, TargetGroupARNs=[service.target_group])
    wait_for(lambda: not service.target_states(), "the target group to be empty")
    service.url = f"http://{made['DNSName']}:8080/"
    place = service.place
    environment = Environment.objects.create(
        name="prod", account_id=place.account, role_arn=place.role_arn, regions=[place.region]
    )
    refresh_cluster(environment, place.region, service.cluster)
    assert Cluster.objects.get().name == service.cluster
    return service


def in_service(service: Service) -> int:
    """How many instances the balancer sends requests to."""
    told: Any = service.place.client("elb").describe_instance_health(LoadBalancerName=NAME)["InstanceStates"]
    return sum(one["State"] == "InService" for one in told)


def test_a_push_and_its_rollback_move_all_traffic_without_failing_a_request(classic: Service, drive: Drive) -> None:
    client = LoadClient(classic.url, rate=50)
    client.start()
    pushed = drive(services.push(request(classic, "1.1.0"), actor="ann"))
    assert pushed.run.state == "succeeded", pushed.run.failure
    names = {name: group["LoadBalancerNames"] for name, group in classic.groups().items()}
    assert names == {"api-prod-v000": [], "api-prod-v001": [NAME]}
    back = drive(services.rollback(pushed.pk, actor="bob", reason="errors"))
    result = client.stop()
    assert back.run.state == "succeeded", back.run.failure
    assert not result.failures
    assert result.order == ["api 1.0.0", "api 1.1.0"]
    assert classic.answer() == "api 1.0.0"
