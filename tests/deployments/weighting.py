"""A service behind weighted target groups, asked and changed as its owners would."""

from __future__ import annotations

from typing import Any

import pytest

from apps.deployments import services
from apps.deployments.models import Deployment
from apps.deployments.services import set_policy
from apps.inventory.models import Cluster
from apps.workflows.models import Borrowed
from tests.deployments.lite import carry_on, service
from tests.deployments.test_push import request
from tests.world import Service, wait_for

__all__ = ["service"]

OLD, NEW, THIRD = "api-prod-v000", "api-prod-v001", "api-prod-v002"


@pytest.fixture
def weighted(service: Service) -> Service:
    set_policy(Cluster.objects.get(), actor="ann", reason="moves at once", traffic_driver="weighted-target-groups")
    return service


def push(service: Service, image: str = "1.1.0", **options: Any) -> Deployment:
    return services.push(request(service, image, options=options), actor="ann")


def done(deployment: Deployment) -> Deployment:
    assert carry_on(deployment).state == "succeeded", deployment.run.failure
    return deployment


def weights(service: Service) -> dict[str, int]:
    """What the default rule forwards to, by the target groups' names."""
    (rule,) = all_weights(service)
    return rule


def all_weights(service: Service) -> list[dict[str, int]]:
    elbv2 = service.place.client("elbv2")
    names = {each["TargetGroupArn"]: each["TargetGroupName"] for each in elbv2.describe_target_groups()["TargetGroups"]}
    found = []
    for balancer in elbv2.describe_load_balancers()["LoadBalancers"]:
        for listener in elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]:
            for rule in elbv2.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]:
                members = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
                found.append({names[each["TargetGroupArn"]]: each["Weight"] for each in members})
    return found


def target_groups(service: Service) -> dict[str, str]:
    """Every target group's ARN by its name."""
    found = service.place.client("elbv2").describe_target_groups()["TargetGroups"]
    return {each["TargetGroupName"]: each["TargetGroupArn"] for each in found}


def owed() -> list[tuple[str, str]]:
    return sorted((item.kind, item.resource.split("/")[-1]) for item in Borrowed.objects.filter(repaid_at=None))


def attributes(elbv2: Any, arn: str) -> Any:
    return elbv2.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]


def listener(service: Service) -> str:
    elbv2 = service.place.client("elbv2")
    (balancer,) = elbv2.describe_load_balancers()["LoadBalancers"]
    return str(elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"][0]["ListenerArn"])


def another_target_group(service: Service, name: str) -> str:
    elbv2 = service.place.client("elbv2")
    vpc = elbv2.describe_target_groups()["TargetGroups"][0]["VpcId"]
    made = elbv2.create_target_group(Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, HealthCheckPath="/health")
    arn = str(made["TargetGroups"][0]["TargetGroupArn"])
    elbv2.modify_target_group_attributes(
        TargetGroupArn=arn, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "0"}]
    )
    return arn


def change_default_rule(service: Service, members: dict[str, int], sticky: dict[str, Any] | None = None) -> None:
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in members.items()]
    config = {"TargetGroups": groups, **({"TargetGroupStickinessConfig": sticky} if sticky else {})}
    service.place.client("elbv2").modify_listener(
        ListenerArn=listener(service), DefaultActions=[{"Type": "forward", "ForwardConfig": config}]
    )


def refusals(service: Service) -> list[str]:
    preview = services.preview_push(request(service, "1.1.0"))
    return [finding.text for finding in preview.refusals if finding.code == "driver"]


def stranger(service: Service) -> str:
    ec2 = service.place.client("ec2")
    made = ec2.run_instances(ImageId=service.images["1.0.0"], MinCount=1, MaxCount=1, InstanceType="t3.small")
    instance = str(made["Instances"][0]["InstanceId"])

    def runs() -> bool:
        found = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
        return bool(found["State"]["Name"] == "running")

    wait_for(runs, f"{instance} to run")
    return instance


def rolling(service: Service, **options: Any) -> Deployment:
    asked = request(service, "1.1.0", strategy="rolling-red-black", options={"watch_seconds": 0, **options})
    return services.push(asked, actor="ann")
