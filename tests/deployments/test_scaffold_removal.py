"""A removal takes away what scaffolding made, is refused while anybody uses it, and leaves what is not ours."""

from __future__ import annotations

import re

import pytest

from apps.deployments import services
from apps.deployments.errors import Refused
from apps.events.models import Event
from tests.deployments.lite import carry_on, cloud
from tests.deployments.scaffolding import CLUSTER, FAULTS, MADE, Account, account, codes, striking
from tests.world import wait_for

__all__ = ["account", "cloud"]

GROUP, LAST = "hello-world-v000", "guard-last-serving"


def test_a_removal_leaves_a_group_alone_that_others_made_and_waits_for_its_targets(account: Account) -> None:
    account.scaffolded(image=account.image)
    made_by = {"ResourceId": GROUP, "ResourceType": "auto-scaling-group", "Key": "deployconsole:run"}
    account.place.client("autoscaling").delete_tags(Tags=[made_by])
    with pytest.raises(Refused, match=f"The group {GROUP} stands, which this console did not make"):
        services.remove_scaffold(account.removal(LAST), actor="ann")
    account.drain_at_once()
    account.delete_group(GROUP)
    wait_for(lambda: not codes(services.preview_removal(account.removal())), "its targets to have left")
    steps = services.preview_removal(account.removal()).steps
    assert ([step.kind for step in steps[:2]], steps[1].title) == (
        ["nothing-serves", "remove-part"],
        f"Strike the Auto Scaling group {GROUP} off, which is gone",
    )


def test_the_first_group_that_serves_is_removed_too_where_that_is_said_with_a_reason(account: Account) -> None:
    account.scaffolded(image=account.image)
    with pytest.raises(Refused) as refused:
        services.remove_scaffold(account.removal(), actor="ann")
    assert [finding.code for finding in refused.value.findings if finding.level == "refuse"] == [LAST]
    preview = services.preview_removal(account.removal(LAST))
    assert (preview.refusals, preview.confirm) == (
        (),
        f"hello-world can be reached no more. Nothing brings {GROUP} back.",
    )
    assert [step.kind for step in preview.steps[:4]] == [
        "nothing-serves",
        "delete-group",
        "nothing-serves",
        "remove-part",
    ]
    removal = services.remove_scaffold(account.removal(LAST), actor="ann")
    told = Event.objects.get(kind="deployment.overridden")
    assert (told.after["code"], told.reason) == (LAST, "no longer")
    with striking("killed-after") as struck:
        assert carry_on(removal).state == "succeeded", removal.run.failure
    assert struck[0].startswith("DeleteAutoScalingGroup"), struck
    assert account.holds() == []
    with pytest.raises(Refused, match="Nothing on record was scaffolded"):
        services.remove_scaffold(account.removal(), actor="ann")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_removal_goes_on_whichever_call_is_lost(account: Account, fault: str) -> None:
    account.scaffolded()
    removal = services.remove_scaffold(account.removal(), actor="ann")
    with striking(fault) as struck:
        run = carry_on(removal)
    assert run.state == "succeeded", f"{run.state}: {run.failure or run.says}"
    assert len(struck) == len(MADE)
    assert all(each.says.endswith("taken away") for each in run.steps.filter(kind="remove-part"))
    assert account.holds() == []


def launch_by_others(account: Account, target_group: str) -> None:
    """Another cluster of the application, without instances, and another application launch with its security group."""
    ec2, scaling = account.place.client("ec2"), account.place.client("autoscaling")
    groups = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [CLUSTER]}])["SecurityGroups"]
    data = {"ImageId": account.image, "InstanceType": "t3.micro", "SecurityGroupIds": [groups[0]["GroupId"]]}
    template = ec2.create_launch_template(LaunchTemplateName="theirs", LaunchTemplateData=data)["LaunchTemplate"]
    launches = {"LaunchTemplateId": template["LaunchTemplateId"], "Version": "1"}
    zones = [each["ZoneName"] for each in ec2.describe_availability_zones()["AvailabilityZones"]]
    for name, size, arns in (("hello-more-v000", 0, []), ("else-v000", 1, [target_group])):
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=size,
            MaxSize=1,
            LaunchTemplate=launches,
            TargetGroupARNs=arns,
            AvailabilityZones=zones[:1],
        )
    wait_for(lambda: ec2.describe_instances()["Reservations"], "an instance of else-v000")


def test_a_removal_leaves_what_it_did_not_make(account: Account) -> None:
    account.scaffolded()
    elbv2 = account.place.client("elbv2")
    (balancer,) = elbv2.describe_load_balancers()["LoadBalancers"]
    (own,) = elbv2.describe_target_groups()["TargetGroups"]
    vpc = account.place.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    other = elbv2.create_target_group(Name="other", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    (listener,) = elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    rule = elbv2.create_rule(
        ListenerArn=listener["ListenerArn"],
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/other/*"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": other["TargetGroupArn"]}],
    )["Rules"][0]
    launch_by_others(account, other["TargetGroupArn"])
    with pytest.raises(Refused) as refused:
        services.remove_scaffold(account.removal(), actor="ann")
    instances = r"Instances have the security group hello-world: i-\w+ \(else-v000\)"
    for text in (
        "The group hello-more-v000 launches with hello-world, made for hello-world, as its security group",
        "hello-world forwards to other target groups too: other, and so to else-v000. Take them out first",
        instances,
    ):
        assert re.search(text, str(refused.value)), refused.value
    elbv2.delete_rule(RuleArn=rule["RuleArn"])
    for name in ("else-v000", "hello-more-v000"):
        account.delete_group(name)
    elbv2.remove_tags(ResourceArns=[own["TargetGroupArn"]], TagKeys=["deployconsole:run"])
    assert "not-ours" in codes(services.preview_removal(account.removal()))
    assert carry_on(services.remove_scaffold(account.removal(), actor="ann")).state == "succeeded"
    assert account.holds() == ["target-group hello-world", "target-group other", "launch-template theirs"]
