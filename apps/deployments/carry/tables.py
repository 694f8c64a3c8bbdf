"""How each member of AWS's descriptions reaches the next group. A member that no table names refuses the push."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.cloud.aws.models import shape_members
from apps.cloud.values import Described
from apps.deployments.errors import Finding


@dataclass(frozen=True)
class Table:
    """The members of one shape that AWS describes, and what becomes of each.

    `carried` are put as they are described, in the request shape that `put` names by service and name; `ours` are set
    by us, or are AWS's own about this very thing; `refused` says why a push is refused where one has a value.
    """

    service: str
    shape: str
    put: tuple[str, str]
    carried: frozenset[str]
    ours: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)

    def unknown(self) -> frozenset[str]:
        """Members that this release does not know."""
        return shape_members(self.service, self.shape) - self.carried - self.ours - frozenset(self.refused)

    def payload(self, described: Described) -> dict[str, Any]:
        """What is carried, where it has a value."""
        return {member: described[member] for member in sorted(self.carried) if not empty(described.get(member))}

    def findings(self, described: Described, whose: str) -> Iterator[Finding]:
        """Why this cannot be carried, a finding for each member."""
        for member, why in self.refused.items():
            if not empty(described.get(member)):
                yield Finding("refuse", "not-carried", f"{whose} cannot be carried over: {why} ({member}).", member)
        for member in sorted(self.unknown()):
            if not empty(described.get(member)):
                text = f"{whose} cannot be carried over: this release does not know its member {member}."
                yield Finding("refuse", "unknown-member", text, member)


def empty(value: Any) -> bool:
    """Whether AWS says nothing by a value: 0 and False say something."""
    return value is None or value == "" or value == [] or value == {}


POLICY = Table(
    "autoscaling",
    "ScalingPolicy",
    ("autoscaling", "PutScalingPolicyType"),
    carried=frozenset(
        {
            "AdjustmentType",
            "Cooldown",
            "Enabled",
            "EstimatedInstanceWarmup",
            "MetricAggregationType",
            "MinAdjustmentMagnitude",
            "MinAdjustmentStep",
            "PolicyName",
            "PolicyType",
            "PredictiveScalingConfiguration",
            "ScalingAdjustment",
            "StepAdjustments",
            "TargetTrackingConfiguration",
        }
    ),
    ours=frozenset({"Alarms", "AutoScalingGroupName", "PolicyARN"}),
)
ALARM = Table(
    "cloudwatch",
    "MetricAlarm",
    ("cloudwatch", "PutMetricAlarmInput"),
    carried=frozenset(
        {
            "ActionConfiguration",
            "ActionsEnabled",
            "AlarmActions",
            "AlarmDescription",
            "ComparisonOperator",
            "DatapointsToAlarm",
            "Dimensions",
            "EvaluateLowSampleCountPercentile",
            "EvaluationCriteria",
            "EvaluationInterval",
            "EvaluationPeriods",
            "EvaluationWindow",
            "ExtendedStatistic",
            "InsufficientDataActions",
            "MetricName",
            "Metrics",
            "Namespace",
            "OKActions",
            "Period",
            "Statistic",
            "Threshold",
            "ThresholdMetricId",
            "TreatMissingData",
            "Unit",
            "WarmUpConfiguration",
        }
    ),
    ours=frozenset(
        {
            "AlarmArn",
            "AlarmConfigurationUpdatedTimestamp",
            "AlarmName",
            "EvaluationState",
            "StateReason",
            "StateReasonData",
            "StateTransitionedTimestamp",
            "StateUpdatedTimestamp",
            "StateValue",
        }
    ),
)
HOOK = Table(
    "autoscaling",
    "LifecycleHook",
    ("autoscaling", "LifecycleHookSpecification"),
    carried=frozenset(
        {
            "DefaultResult",
            "HeartbeatTimeout",
            "LifecycleHookName",
            "LifecycleTransition",
            "NotificationMetadata",
            "NotificationTargetARN",
            "RoleARN",
        }
    ),
    ours=frozenset({"AutoScalingGroupName", "GlobalTimeout"}),  # AWS reckons the latter
)
SCHEDULE = Table(
    "autoscaling",
    "ScheduledUpdateGroupAction",
    ("autoscaling", "PutScheduledUpdateGroupActionType"),
    carried=frozenset(
        {
            "DesiredCapacity",
            "EndTime",
            "MaxSize",
            "MinSize",
            "Recurrence",
            "ScheduledActionName",
            "StartTime",
            "TimeZone",
        }
    ),
    ours=frozenset({"AutoScalingGroupName", "ScheduledActionARN", "Time"}),  # Time is StartTime's older name
)
NOTIFICATION = Table(
    "autoscaling",
    "NotificationConfiguration",
    ("autoscaling", "PutNotificationConfigurationType"),
    carried=frozenset({"TopicARN"}),
    ours=frozenset({"AutoScalingGroupName", "NotificationType"}),  # the types of a topic are put together
)
WARM_POOL = Table(
    "autoscaling",
    "WarmPoolConfiguration",
    ("autoscaling", "PutWarmPoolType"),
    carried=frozenset({"InstanceReusePolicy", "MaxGroupPreparedCapacity", "MinSize", "PoolState"}),
    ours=frozenset({"Status"}),
)
METRIC = Table(
    "autoscaling",
    "EnabledMetric",
    ("autoscaling", "EnableMetricsCollectionQuery"),
    carried=frozenset({"Granularity"}),
    ours=frozenset({"Metric"}),  # all of a granularity are enabled together
)
MIXED = Table(
    "autoscaling",
    "MixedInstancesPolicy",
    ("autoscaling", "MixedInstancesPolicy"),
    carried=frozenset({"InstancesDistribution"}),
    ours=frozenset({"LaunchTemplate"}),
)
MIXED_TEMPLATE = Table(
    "autoscaling",
    "LaunchTemplate",
    ("autoscaling", "LaunchTemplate"),
    carried=frozenset({"Overrides"}),
    ours=frozenset({"LaunchTemplateSpecification"}),
)
OVERRIDE = Table(
    "autoscaling",
    "LaunchTemplateOverrides",
    ("autoscaling", "LaunchTemplateOverrides"),
    carried=frozenset({"InstanceRequirements", "InstanceType", "LaunchTemplateSpecification"}),
    ours=frozenset({"WeightedCapacity"}),  # see `mixed`
    refused={"ImageId": "an override names an AMI of its own, which a push would not replace"},
)

TABLES = (POLICY, ALARM, HOOK, SCHEDULE, NOTIFICATION, WARM_POOL, METRIC, MIXED, MIXED_TEMPLATE, OVERRIDE)
