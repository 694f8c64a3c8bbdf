"""Each check of pre-flight that reads AWS: what it refuses, what it warns of, and what it calls unknown."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from apps.cloud.aws import ec2, iam, launching, quotas
from apps.cloud.errors import Denied, Invalid, Throttled
from apps.cloud.values import Decision, InstanceTypeFacts, Quota, ScalingLimits, SubnetState, Target, TargetHealth
from apps.deployments.preflight.checks.vcpus import STANDARD, codes, split
from apps.deployments.strategies.rolling_replace import Options as Replacing
from apps.deployments.strategies.rolling_replace import plan as replacing
from tests.deployments.looks import ask, looked
from tests.deployments.situations import TG, group, situation

SMALL = {"t3.small": InstanceTypeFacts("t3.small", ("x86_64",), 2)}


def subnets(*free: int) -> tuple[SubnetState, ...]:
    zones = ("us-east-1a", "us-east-1b")
    return tuple(SubnetState(f"subnet-{n}", zones[n - 1], left) for n, left in enumerate(free, 1))


def test_subnets_without_room_for_all_instances_are_refused_and_told_each() -> None:
    found = ask("addresses", looked(subnets=subnets(2, 1)))["no-addresses"]
    assert (found.level, found.overridable) == ("refuse", True)
    assert found.text == (
        "7 instances need 7 addresses, and 3 are free: subnet-1 (us-east-1a) 2, subnet-2 (us-east-1b) 1. "
        "Free some, or give the group another subnet."
    )


def test_in_place_room_is_needed_for_as_many_as_are_added_at_a_time() -> None:
    many = situation(group(size=40))
    few = looked(many, Replacing(surge_percent=0), replacing, subnets=subnets(5, 5))
    assert (few.launches, ask("addresses", few)) == (1, {})
    half = looked(many, Replacing(surge_percent=50), replacing, subnets=subnets(5, 5))
    assert "20 instances need 20 addresses, and 10 are free" in ask("addresses", half)["no-addresses"].text


def test_one_subnet_that_is_full_is_warned_about() -> None:
    assert ask("addresses", looked(subnets=subnets(200, 3)))["few-addresses"].level == "warn"
    assert ask("addresses", looked(subnets=subnets(200, 4))) == {}


def test_a_subnet_that_is_gone_is_refused() -> None:
    assert "subnet-2" in ask("addresses", looked(subnets=subnets(200)))["subnet-gone"].text


def test_a_type_that_no_zone_offers_is_refused_and_one_that_some_offer_is_warned_about() -> None:
    some = {"us-east-1a": frozenset({"t3.small"})}
    assert ask("offered", looked(subnets=subnets(9, 9), offered=some))["not-offered-everywhere"].level == "warn"
    assert ask("offered", looked(subnets=subnets(9, 9), offered={}))["not-offered"].level == "refuse"
    both = {**some, "us-east-1b": frozenset({"t3.small"})}
    assert ask("offered", looked(subnets=subnets(9, 9), offered=both)) == {}


def mixed(*types: str, **distribution: Any) -> Any:
    overrides = [{"InstanceType": name} for name in types]
    policy = {"LaunchTemplate": {"Overrides": overrides}, "InstancesDistribution": distribution}
    return situation(group(MixedInstancesPolicy=policy))


def test_an_image_must_run_on_every_type_of_a_mixed_policy() -> None:
    facts = {
        "t3.large": InstanceTypeFacts("t3.large", ("x86_64",), 2),
        "t4g.large": InstanceTypeFacts("", ("arm64",), 2),
    }
    found = ask("architecture", looked(mixed("t3.large", "t4g.large"), types=facts))["architecture"]
    assert "ami-new is built for x86_64, and t4g.large runs arm64" in found.text
    assert ask("architecture", looked(types=SMALL)) == {}


def test_types_that_aws_chooses_by_requirements_are_not_judged_by_the_templates_type() -> None:
    chosen = group(
        MixedInstancesPolicy={"LaunchTemplate": {"Overrides": [{"InstanceRequirements": {"VCpuCount": {}}}]}}
    )
    assert looked(situation(chosen)).types == ()
    unknown = ask("vcpus", looked(situation(chosen)))["unknown-vcpus"]
    assert unknown.text.startswith("It is unknown whether the account's vCPU quota has room: AWS chooses the types")


def test_vcpus_are_held_against_the_quota_by_its_own_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def quota(target: Target, service: str, code: str) -> Quota:
        asked.append(code)
        return Quota(code, "Running On-Demand Standard", 32.0, metric="ResourceCount")

    monkeypatch.setattr(quotas, "quota", quota)
    monkeypatch.setattr(quotas, "used", lambda target, of: 20.0)
    found = ask("vcpus", looked(types=SMALL))["vcpu-quota"]
    assert "starts 14 vCPUs (t3.small)" in found.text
    assert "leaves 12: 20 of 32 are used" in found.text
    monkeypatch.setattr(quotas, "used", lambda target, of: 18.0)
    assert ask("vcpus", looked(types=SMALL)) == {}
    assert asked == [STANDARD[0]] * 2


def test_vcpus_are_counted_where_cloudwatch_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "quota", lambda target, service, code: Quota(code, "Standard", 32.0))
    monkeypatch.setattr(ec2, "type_facts", lambda target, types: dict.fromkeys(types, SMALL["t3.small"]))
    running = {"t3.small": 10, "g5.xlarge": 50}
    assert "20 of 32" in ask("vcpus", looked(types=SMALL, running=running))["vcpu-quota"].text


def test_each_family_of_types_has_its_quota() -> None:
    assert codes("m7g.large") == codes("im4gn.large") == STANDARD
    assert codes("g4dn.xlarge") == codes("vt1.3xlarge") != STANDARD
    assert codes("trn1.2xlarge") != STANDARD
    assert codes("mac2.metal") is codes("u-6tb1.metal") is None


def test_spot_instances_count_towards_a_quota_of_their_own() -> None:
    assert split(looked()) == (7, 0)
    half = mixed("t3.small", OnDemandBaseCapacity=1, OnDemandPercentageAboveBaseCapacity=50)
    assert split(looked(half)) == (4, 3)


@pytest.mark.parametrize(("have", "codes"), [(499, []), (500, ["scaling-quota"])])
def test_an_account_full_of_groups_is_refused(have: int, codes: list[str]) -> None:
    limits = ScalingLimits(have, 500)
    assert list(ask("scaling-quota", looked(**{"scaling limits": limits}))) == codes


def test_targets_beyond_the_load_balancers_limit_are_refused() -> None:
    full = {"targets-per-application-load-balancer": 12}
    assert "6 targets are registered and 7 would come" in (
        ask("targets-quota", looked(**{"balancing limits": full}))["targets-quota"].text
    )
    assert ask("targets-quota", looked(**{"balancing limits": {"targets-per-application-load-balancer": 13}})) == {}
    assert list(ask("targets-quota", looked(**{"balancing limits": {}}))) == ["unknown-targets"]


def failing(error: Exception) -> Any:
    def fail(*args: Any, **more: Any) -> None:
        raise error

    return fail


def test_what_a_dry_run_refuses_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "try_launch", failing(Invalid("RunInstances: the key pair 'x' does not exist.")))
    found = ask("launch", looked(subnets=subnets(9, 9)))["would-not-launch"]
    assert "Version 7 of api-prod with ami-new would not start" in found.text
    monkeypatch.setattr(launching, "try_launch", failing(Denied("no")))
    assert ask("launch", looked(subnets=subnets(9, 9)))["may-not-launch"].overridable
    monkeypatch.setattr(launching, "try_launch", failing(Throttled("slow down")))
    with pytest.raises(Throttled):
        ask("launch", looked(subnets=subnets(9, 9)))


def test_the_plans_calls_are_those_its_steps_declare_by_the_family_that_attached_the_group() -> None:
    actions = looked().actions
    assert {"autoscaling:CreateAutoScalingGroup", "autoscaling:DetachLoadBalancerTargetGroups"} <= actions
    assert "autoscaling:DetachTrafficSources" not in actions
    assert "autoscaling:DetachLoadBalancers" not in actions
    assert looked().makes("autoscaling:CreateAutoScalingGroup") == 1


def simulator(monkeypatch: pytest.MonkeyPatch, **decisions: Decision) -> None:
    """Allows all but what is given by the operation's name; narrowed: allowed for resources that begin so only."""

    def simulate(
        target: Target, principal: str, actions: Any, resources: Sequence[str] = ("*",), tags: Any = None
    ) -> Any:
        for action, resource in itertools.product(actions, resources):
            given = decisions.get(action.partition(":")[2])
            narrowed = given is not None and given.resource != "*" and resource.startswith(given.resource)
            yield Decision(action, "allowed") if given is None or narrowed else replace(given, action=action)

    monkeypatch.setattr(iam, "simulate", simulate)


def test_calls_that_the_simulator_denies_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    simulator(monkeypatch, SuspendProcesses=Decision("", "explicitDeny"))
    found = ask("permissions", looked())["not-permitted"]
    assert found.text.startswith("The console's role may not call autoscaling:SuspendProcesses, which the plan")
    simulator(monkeypatch)
    assert ask("permissions", looked()) == {}


def test_a_role_that_may_act_on_this_group_only_may_push_it(monkeypatch: pytest.MonkeyPatch) -> None:
    simulator(monkeypatch, SuspendProcesses=Decision("", "implicitDeny", resource="arn:api-prod-"))
    assert ask("permissions", looked()) == {}


def test_a_role_that_may_not_read_is_refused_whatever_the_plan_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    simulator(monkeypatch, DescribeTargetHealth=Decision("", "implicitDeny"))
    assert "elasticloadbalancing:DescribeTargetHealth" in ask("permissions", looked())["not-permitted"].text


def test_a_role_that_may_act_on_the_old_group_only_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    simulator(monkeypatch, SuspendProcesses=Decision("", "implicitDeny", resource="arn:api-prod-v012"))
    assert "autoscaling:SuspendProcesses" in ask("permissions", looked())["not-permitted"].text


def test_a_permission_that_depends_on_what_the_simulator_does_not_know_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulator(monkeypatch, SuspendProcesses=Decision("", "implicitDeny", missing=("aws:PrincipalTag/team",)))
    found = ask("permissions", looked())
    assert list(found) == ["unknown-permissions"]
    assert "aws:PrincipalTag/team" in found["unknown-permissions"].text


def test_without_the_simulator_dry_runs_tell_a_part_and_the_rest_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iam, "simulate", failing(Denied("SimulatePrincipalPolicy: not you")))
    tried: list[str] = []
    monkeypatch.setattr(launching, "try_template_change", lambda target, template, operation: tried.append(operation))
    found = ask("permissions", looked())["unknown-permissions"]
    assert tried == ["CreateLaunchTemplateVersion", "DeleteLaunchTemplateVersions"]
    assert found.level == "warn"
    assert "autoscaling:CreateAutoScalingGroup" in found.text
    assert "ec2:CreateLaunchTemplateVersion" not in found.text
    monkeypatch.setattr(launching, "try_template_change", failing(Denied("no")))
    assert ask("permissions", looked())["not-permitted"].subject == "ec2:CreateLaunchTemplateVersion"


def test_a_network_load_balancer_has_a_limit_of_its_own() -> None:
    behind = replace(situation().target_groups[TG], load_balancers=("arn:aws:elb:loadbalancer/net/nlb/1",))
    limits = {"targets-per-application-load-balancer": 1, "targets-per-network-load-balancer": 13}
    network = situation(target_groups={TG: behind})
    assert ask("targets-quota", looked(network, **{"balancing limits": limits})) == {}
    limits["targets-per-network-load-balancer"] = 12
    assert list(ask("targets-quota", looked(network, **{"balancing limits": limits}))) == ["targets-quota"]


def test_targets_of_other_groups_count_too() -> None:
    others = tuple(TargetHealth(TG, f"i-{n}", 8080, "healthy") for n in range(10))
    full = {"targets-per-application-load-balancer": 16}
    assert list(ask("targets-quota", looked(situation(health={TG: others}), **{"balancing limits": full}))) == [
        "targets-quota"
    ]
