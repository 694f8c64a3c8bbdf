"""Plain frozen values of what the cloud holds, in AWS's own terms; the only shapes that cross the cloud boundary."""

from apps.cloud.values.calls import CallRecord
from apps.cloud.values.groups import (
    Activity,
    GroupExtras,
    GroupSpec,
    GroupState,
    LaunchTemplateRef,
    LaunchTemplateState,
    LaunchTemplateVersion,
    MemberState,
    TrafficSource,
)
from apps.cloud.values.images import ImageState
from apps.cloud.values.instances import InstanceState
from apps.cloud.values.metrics import MetricQuery, MetricSeries
from apps.cloud.values.target import CallerIdentity, Target
from apps.cloud.values.traffic import (
    ClassicLoadBalancerState,
    Forward,
    ListenerState,
    LoadBalancerState,
    RuleState,
    TargetGroupState,
    TargetHealth,
)

__all__ = [
    "Activity",
    "CallRecord",
    "CallerIdentity",
    "ClassicLoadBalancerState",
    "Forward",
    "GroupExtras",
    "GroupSpec",
    "GroupState",
    "ImageState",
    "InstanceState",
    "LaunchTemplateRef",
    "LaunchTemplateState",
    "LaunchTemplateVersion",
    "ListenerState",
    "LoadBalancerState",
    "MemberState",
    "MetricQuery",
    "MetricSeries",
    "RuleState",
    "Target",
    "TargetGroupState",
    "TargetHealth",
    "TrafficSource",
]
