"""Which calls can take capacity out of service, and the watch that holds each of them to the traffic guard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context
from typing import Any

import pytest

from apps.cloud.aws import autoscaling, elbv2_changes, session
from apps.cloud.values import RuleState, Target
from apps.deployments import guard
from apps.deployments.steps.base import CloudStep
from apps.workflows import context

READING = ("Describe", "Get", "List", "Simulate")

# calls of steps and drivers, as IAM names them
REDUCING = frozenset(
    {
        "autoscaling:DeleteAutoScalingGroup",
        "autoscaling:DetachInstances",
        "autoscaling:DetachLoadBalancerTargetGroups",
        "autoscaling:DetachLoadBalancers",
        "autoscaling:DetachTrafficSources",
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        "autoscaling:UpdateAutoScalingGroup",  # where it lowers desired, be it by its max
        "elasticloadbalancing:ModifyListener",  # where it takes the last weight of a target group
        "elasticloadbalancing:ModifyRule",
    }
)
HARMLESS = frozenset(
    {
        "autoscaling:AttachLoadBalancerTargetGroups",
        "autoscaling:AttachLoadBalancers",
        "autoscaling:AttachTrafficSources",
        "autoscaling:CreateAutoScalingGroup",
        "autoscaling:DeletePolicy",  # the group's own scaling: what it does by that is not ours
        "autoscaling:DeleteScheduledAction",
        "autoscaling:EnableMetricsCollection",
        # what is carried over acts on the next group as it did on the old one, whose scaling goes on meanwhile
        "autoscaling:PutNotificationConfiguration",
        "autoscaling:PutScalingPolicy",
        "autoscaling:PutScheduledUpdateGroupAction",
        "autoscaling:PutWarmPool",
        "autoscaling:ResumeProcesses",
        "autoscaling:SetInstanceProtection",
        "autoscaling:SuspendProcesses",  # of those that shrink a group
        "cloudwatch:DeleteAlarms",  # of those that we made
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:CreateLaunchTemplate",
        "ec2:CreateLaunchTemplateVersion",
        "ec2:CreateSecurityGroup",
        "ec2:CreateTags",
        "ec2:DeleteLaunchTemplate",  # one that this run made
        "ec2:DeleteLaunchTemplateVersions",
        "ec2:DeleteSecurityGroup",  # AWS refuses it while anything needs it
        "ec2:RunInstances",  # permission to launch: Auto Scaling does it
        "elasticloadbalancing:AddTags",
        "elasticloadbalancing:CreateListener",
        "elasticloadbalancing:CreateLoadBalancer",
        "elasticloadbalancing:CreateRule",
        "elasticloadbalancing:CreateTargetGroup",
        # those that scaffolding made: once nothing serves by them, or before anything did
        "elasticloadbalancing:DeleteListener",
        "elasticloadbalancing:DeleteLoadBalancer",
        "elasticloadbalancing:DeleteRule",
        "elasticloadbalancing:DeleteTargetGroup",  # AWS refuses it while a rule forwards there
        "elasticloadbalancing:ModifyTargetGroupAttributes",  # of a target group just made
        "route53:ChangeResourceRecordSets",
    }
)


FIRST = "make-part"  # whose undo takes a first group away: nothing served before it


class Watch:
    """Notes each reducing call of a step that came without the guard having been asked in the same look."""

    def __init__(self) -> None:
        self.unguarded: set[str] = set()
        self.seen: set[str] = set()
        self._step: str | None = None
        self._asked = False

    @contextmanager
    def look(self, step: str) -> Iterator[None]:
        self._step, self._asked = step, False
        try:
            yield
        finally:
            self._step = None

    def asked(self) -> None:
        self._asked = True

    def sent(self, target: Target, operation: str, parameters: Mapping[str, Any]) -> None:
        if self._step in {None, FIRST} or f"autoscaling:{operation}" not in REDUCING:
            return
        if operation == "UpdateAutoScalingGroup" and not _lowers(target, parameters):
            return
        self._note(operation)

    def weighted(self, rule: RuleState, weights: Mapping[str, int]) -> None:
        if any(forward.weight and not weights.get(forward.target_group) for forward in rule.forwards):
            self._note("ModifyListener or ModifyRule")

    def _note(self, operation: str) -> None:
        self.seen.add(operation)
        if not self._asked:
            self.unguarded.add(f"{operation} of {self._step}")


def _lowers(target: Target, parameters: Mapping[str, Any]) -> bool:
    name = parameters["AutoScalingGroupName"]
    found = Context().run(autoscaling.describe_groups, target, [name])  # no call of the step's
    for group in found:
        low, top = parameters.get("MinSize", group.min_size), parameters.get("MaxSize", group.max_size)
        if max(low, min(top, parameters.get("DesiredCapacity", group.desired))) < group.desired:
            return True  # AWS brings desired between min and max
    return False


def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Watches every step that is carried out from now on."""
    made = Watch()
    carry_out, hold_back, change = CloudStep._carry_out, guard.hold_back, session._change
    set_weights = elbv2_changes.set_weights

    def looked(self: CloudStep, looking: context.Context, *args: Any) -> Any:
        with made.look(self.slug):
            return carry_out(self, looking, *args)

    def asked(*args: Any, **more: Any) -> str:
        made.asked()
        return hold_back(*args, **more)

    def sent(target: Target, service: str, operation: str, parameters: dict[str, object]) -> Any:
        made.sent(target, operation, parameters)
        return change(target, service, operation, parameters)

    def weighted(target: Target, rule: RuleState, weights: Mapping[str, int]) -> None:
        made.weighted(rule, weights)
        set_weights(target, rule, weights)

    monkeypatch.setattr(CloudStep, "_carry_out", looked)
    monkeypatch.setattr(guard, "hold_back", asked)
    monkeypatch.setattr(session, "_change", sent)
    monkeypatch.setattr(elbv2_changes, "set_weights", weighted)
    return made
