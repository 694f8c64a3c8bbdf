"""Plain frozen values of what the cloud holds, in AWS's own terms; the only shapes that cross the cloud boundary."""

from apps.cloud.values.calls import CallRecord
from apps.cloud.values.extras import AlarmState, Described, GroupExtras
from apps.cloud.values.groups import (
    Activity,
    GroupSpec,
    GroupState,
    LaunchTemplateRef,
    LaunchTemplateState,
    LaunchTemplateVersion,
    MemberState,
    TrafficSource,
)
from apps.cloud.values.images import ImageState, SnapshotState
from apps.cloud.values.instances import InstanceState, InstanceTypeFacts
from apps.cloud.values.keys import KeyGrant, KeyState
from apps.cloud.values.metrics import MetricQuery, MetricSeries
from apps.cloud.values.network import (
    CertificateState,
    HostedZone,
    Ingress,
    RecordState,
    SecurityGroupState,
    SubnetState,
    VpcState,
)
from apps.cloud.values.permissions import Decision
from apps.cloud.values.quotas import Quota, ScalingLimits
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
    "AlarmState",
    "CallRecord",
    "CallerIdentity",
    "CertificateState",
    "ClassicLoadBalancerState",
    "Decision",
    "Described",
    "Forward",
    "GroupExtras",
    "GroupSpec",
    "GroupState",
    "HostedZone",
    "ImageState",
    "Ingress",
    "InstanceState",
    "InstanceTypeFacts",
    "KeyGrant",
    "KeyState",
    "LaunchTemplateRef",
    "LaunchTemplateState",
    "LaunchTemplateVersion",
    "ListenerState",
    "LoadBalancerState",
    "MemberState",
    "MetricQuery",
    "MetricSeries",
    "Quota",
    "RecordState",
    "RuleState",
    "ScalingLimits",
    "SecurityGroupState",
    "SnapshotState",
    "SubnetState",
    "Target",
    "TargetGroupState",
    "TargetHealth",
    "TrafficSource",
    "VpcState",
]
