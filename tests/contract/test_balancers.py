"""Load balancers, listeners, rules and target groups: what is refused, and what is described."""

from typing import Any

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented


def _forward(*weighted: tuple[str, int]) -> list[dict[str, Any]]:
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weighted]
    return [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]


@pytest.mark.shape
def test_a_new_balancer_becomes_active(stack: Stack) -> None:
    """API reference, LoadBalancerState: provisioning, active."""
    arn = stack.balancer()["LoadBalancerArn"]

    def active() -> bool:
        told = stack.elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
        return bool(told["State"]["Code"] == "active")

    stack.eventually(active, "active")


def test_names_are_taken_once_unless_everything_is_the_same(stack: Stack) -> None:
    """API reference: CreateLoadBalancer and CreateTargetGroup are idempotent with the same settings."""
    made = stack.balancer()
    again = stack.elb.create_load_balancer(Name=made["LoadBalancerName"], Subnets=stack.subnets)["LoadBalancers"][0]
    assert again["LoadBalancerArn"] == made["LoadBalancerArn"]
    create = stack.elb.create_load_balancer
    code = refused(create, Name=made["LoadBalancerName"], Subnets=stack.subnets, Scheme="internal")
    assert code == "DuplicateLoadBalancerName"


@pytest.mark.parametrize("name", ["x" * 33, "-x", "x-", "a_b"])
def test_names_that_are_too_long_or_malformed_are_refused(stack: Stack, name: str) -> None:
    """API reference, Name: at most 32 letters, digits and hyphens, no hyphen at either end."""
    assert refused(stack.elb.create_load_balancer, Name=name, Subnets=stack.subnets) == "ValidationError"
    create = stack.elb.create_target_group
    assert refused(create, Name=name, Protocol="HTTP", Port=80, VpcId=stack.vpc) == "ValidationError"


@pytest.mark.shape
def test_the_single_form_of_forward_is_described_with_its_config(stack: Stack) -> None:
    """API reference, Action: TargetGroupArn and ForwardConfig."""
    arn, balancer = stack.target_group(), stack.balancer()
    made = stack.elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=8000,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )["Listeners"][0]
    action = made["DefaultActions"][0]
    assert action["TargetGroupArn"] == arn
    assert action["ForwardConfig"]["TargetGroups"] == [{"TargetGroupArn": arn, "Weight": 1}]


def test_a_port_is_listened_on_once(stack: Stack) -> None:
    """API reference, CreateListener: DuplicateListener."""
    arn, balancer = stack.target_group(), stack.balancer()
    stack.listener(arn, balancer=balancer)
    code = refused(
        stack.elb.create_listener,
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=8000,
        DefaultActions=_forward((arn, 1)),
    )
    assert code == "DuplicateListener"


def test_a_forward_takes_at_most_five_groups_of_weights_up_to_999(stack: Stack) -> None:
    """ELB user guide, "Forward actions": one to five target groups, weights from 0 to 999."""
    groups = [stack.target_group() for _ in range(6)]
    listener = stack.listener(groups[0])
    modify = stack.elb.modify_listener
    told = modify(ListenerArn=listener, DefaultActions=_forward((groups[0], 0), (groups[1], 999)))["Listeners"][0]
    weights = [one["Weight"] for one in told["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]]
    assert weights == [0, 999]
    assert refused(modify, ListenerArn=listener, DefaultActions=_forward((groups[0], 1000))) == "ValidationError"
    assert refused(modify, ListenerArn=listener, DefaultActions=_forward(*((one, 1) for one in groups)))


def test_a_target_groups_balancers_follow_the_rules(stack: Stack) -> None:
    """API reference, TargetGroup.LoadBalancerArns: the load balancers that route traffic to it."""
    first, second = stack.target_group(), stack.target_group()
    balancer = stack.balancer()
    listener = stack.listener(first, balancer=balancer)

    def used(arn: str) -> list[str]:
        told = stack.elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
        return list(told["LoadBalancerArns"])

    assert (used(first), used(second)) == ([balancer["LoadBalancerArn"]], [])
    stack.elb.modify_listener(ListenerArn=listener, DefaultActions=_forward((second, 1)))
    assert (used(first), used(second)) == ([], [balancer["LoadBalancerArn"]])
    assert refused(stack.elb.delete_target_group, TargetGroupArn=second) == "ResourceInUse"
    rule = stack.elb.create_rule(
        ListenerArn=listener,
        Priority=5,
        Conditions=[{"Field": "path-pattern", "Values": ["/x/*"]}],
        Actions=_forward((first, 1)),
    )["Rules"][0]
    assert used(first) == [balancer["LoadBalancerArn"]]
    stack.elb.delete_rule(RuleArn=rule["RuleArn"])
    assert used(first) == []


@pytest.mark.shape
def test_rules_are_described_by_priority_with_the_default_last(stack: Stack) -> None:
    """API reference, Rule: Priority, IsDefault; PriorityInUse."""
    arn = stack.target_group()
    listener = stack.listener(arn)
    conditions = [{"Field": "path-pattern", "Values": ["/x/*"]}]
    for priority in (20, 10):
        wanted = {"Conditions": conditions, "Actions": _forward((arn, 1))}
        stack.elb.create_rule(ListenerArn=listener, Priority=priority, **wanted)
    told = stack.elb.describe_rules(ListenerArn=listener)["Rules"]
    assert [(one["Priority"], one["IsDefault"]) for one in told] == [("10", False), ("20", False), ("default", True)]
    create = stack.elb.create_rule
    code = refused(create, ListenerArn=listener, Priority=10, Conditions=conditions, Actions=_forward((arn, 1)))
    assert code == "PriorityInUse"
    assert refused(stack.elb.delete_rule, RuleArn=told[-1]["RuleArn"]) == "OperationNotPermitted"


def test_a_target_group_serves_one_balancer(stack: Stack) -> None:
    """ELB quotas: a target group can be associated with one load balancer only."""
    arn = stack.target_group()
    stack.listener(arn)
    code = refused(
        stack.elb.create_listener,
        LoadBalancerArn=stack.balancer()["LoadBalancerArn"],
        Protocol="HTTP",
        Port=8000,
        DefaultActions=_forward((arn, 1)),
    )
    assert code == "TargetGroupAssociationLimit"


def test_https_needs_a_certificate_that_there_is(stack: Stack) -> None:
    """API reference, CreateListener: ValidationError, CertificateNotFound."""
    balancer, create = stack.balancer()["LoadBalancerArn"], stack.elb.create_listener
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    asked = {"LoadBalancerArn": balancer, "Protocol": "HTTPS", "Port": 8443, "DefaultActions": [answer]}
    region, account = balancer.split(":")[3:5]
    nobodys = f"arn:aws:acm:{region}:{account}:certificate/00000000-0000-0000-0000-000000000000"
    assert refused(create, **asked) == "ValidationError"
    assert refused(create, **asked, Certificates=[{"CertificateArn": nobodys}]) == "CertificateNotFound"
