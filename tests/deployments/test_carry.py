"""What the next group is given beside its creation: pure, and held against AWS's own models."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from apps.cloud.aws.models import shape_members
from apps.cloud.values import AlarmState, GroupExtras
from apps.deployments.carry import configuration, mixed, policies, settings, tables
from apps.deployments.carry.rewrite import derived_name, renamed, retargeted
from apps.deployments.carry.tables import Table
from apps.deployments.steps.carry import still_due
from apps.deployments.strategies.red_black import Options, plan
from tests.deployments.situations import group, situation

OLD, NEW = "api-prod-v012", "api-prod-v013"
ARN = "arn:aws:autoscaling:us-east-1:1:scalingPolicy:u:autoScalingGroupName/api-prod-v012:policyName/out"
TOPIC = "arn:aws:sns:us-east-1:1:pager"
TABLES = (*tables.TABLES, *configuration.TABLES)
OUT: dict[str, Any] = {
    "AutoScalingGroupName": OLD,
    "PolicyName": "out",
    "PolicyARN": ARN,
    "PolicyType": "StepScaling",
    "AdjustmentType": "ChangeInCapacity",
    "MinAdjustmentMagnitude": 2,
    "MinAdjustmentStep": 2,
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
    "Alarms": [{"AlarmName": f"{OLD}-busy", "AlarmARN": "arn:alarm"}],
    "Enabled": True,
}
BUSY = AlarmState(
    f"{OLD}-busy",
    "OK",
    raw={
        "AlarmName": f"{OLD}-busy",
        "AlarmActions": [ARN, TOPIC],
        "Dimensions": [{"Name": "AutoScalingGroupName", "Value": OLD}],
        "Threshold": 0.0,
        "StateValue": "OK",
    },
)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.shape)
def test_every_member_that_aws_describes_is_carried_set_or_refused(table: Table) -> None:
    assert table.unknown() == frozenset()
    known = table.carried | table.ours | frozenset(table.refused)
    assert len(known) == len(table.carried) + len(table.ours) + len(table.refused)
    assert known <= shape_members(table.service, table.shape)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.shape)
def test_what_is_carried_can_be_put(table: Table) -> None:
    assert table.carried <= shape_members(*table.put)


def test_a_member_that_this_release_does_not_know_refuses_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    known = shape_members("autoscaling", "ScalingPolicy")
    monkeypatch.setattr(tables, "shape_members", lambda *_: known | {"Gravity"})
    found = list(policies.findings(({**OUT, "Gravity": "low"},), {BUSY.name: BUSY}, OLD))
    assert [(finding.level, finding.subject) for finding in found] == [("refuse", "Gravity")]
    assert list(policies.findings((OUT,), {BUSY.name: BUSY}, OLD)) == []


def test_alarms_of_target_tracking_are_aws_s_own_and_never_copied() -> None:
    tracking = {"PolicyName": "cpu", "PolicyType": "TargetTrackingScaling"}
    alarms = [{"AlarmName": f"TargetTracking-{OLD}-AlarmHigh-1"}]
    assert policies.alarm_names(({**tracking, "Alarms": alarms},)) == ()
    assert policies.alarm_names((OUT,)) == (f"{OLD}-busy",)


def test_a_policy_is_put_as_it_is_without_the_older_name_of_a_member_it_has_too() -> None:
    (put,) = policies.policies((OUT,), OLD, NEW)
    assert put == {
        "PolicyName": "out",
        "PolicyType": "StepScaling",
        "AdjustmentType": "ChangeInCapacity",
        "MinAdjustmentMagnitude": 2,
        "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
        "Enabled": True,
    }


def test_an_alarm_s_copy_watches_the_new_group_and_keeps_its_threshold_of_zero() -> None:
    (put,) = policies.alarms((OUT,), {BUSY.name: BUSY}, OLD, NEW)
    assert put == {
        "AlarmName": f"{NEW}-busy",
        "AlarmActions": [ARN, TOPIC],  # the policy's ARN follows, once the new policy has one
        "Dimensions": [{"Name": "AutoScalingGroupName", "Value": NEW}],
        "Threshold": 0.0,
    }


def test_an_alarm_that_triggers_another_group_too_is_refused_unless_somebody_overrides_it() -> None:
    foreign = ARN.replace(OLD, "jobs-prod-v003")
    shared = replace(BUSY, raw={**BUSY.raw, "AlarmActions": [ARN, foreign]})
    (finding,) = policies.findings((OUT,), {BUSY.name: shared}, OLD)
    assert (finding.code, finding.level, finding.overridable) == ("shared-alarm", "refuse", True)
    assert foreign in finding.text


@pytest.mark.parametrize(
    ("name", "copy"),
    [
        ("api-prod-v012-high", "api-prod-v013-high"),
        ("busy", "busy api-prod-v013"),
        ("busy api-prod-v012", "busy api-prod-v013"),
    ],
)
def test_a_copy_is_named_after_the_new_group(name: str, copy: str) -> None:
    assert derived_name(name, OLD, NEW) == copy


def test_long_names_stay_apart_when_they_are_shortened() -> None:
    one, other = (derived_name(f"{'x' * 250}{end}", OLD, NEW) for end in "ab")
    assert one != other
    assert {len(one), len(other)} == {255}


def test_only_the_whole_name_of_the_group_is_replaced_in_an_expression() -> None:
    query = {"Expression": f'SEARCH(\'AutoScalingGroupName="{OLD}" OR "{OLD}0" OR "my-{OLD}"\')'}
    assert renamed(query, OLD, NEW) == {"Expression": query["Expression"].replace(f'"{OLD}"', f'"{NEW}"')}


def test_a_target_group_of_its_own_is_named_in_labels_and_dimensions() -> None:
    arn = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/{}"
    moved = {arn.format("api-prod-v012/1"): arn.format("api-prod-v013/2")}
    label = {"ResourceLabel": "app/lb/7/targetgroup/api-prod-v012/1"}
    dimension = {"Name": "TargetGroup", "Value": "targetgroup/api-prod-v012/1"}
    made = retargeted({"label": label, "dimensions": [dimension]}, moved)
    assert made["label"] == {"ResourceLabel": "app/lb/7/targetgroup/api-prod-v013/2"}
    assert made["dimensions"] == [{"Name": "TargetGroup", "Value": "targetgroup/api-prod-v013/2"}]
    assert retargeted(label, {}) == label


def test_a_scheduled_action_is_put_without_a_start_that_is_past() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    past, future = "2026-04-30T20:00:00+00:00", "2026-05-02T20:00:00+00:00"
    nightly = {"ScheduledActionName": "night", "Recurrence": "0 20 * * *", "StartTime": past}
    assert still_due(nightly, now) == {"ScheduledActionName": "night", "Recurrence": "0 20 * * *"}
    assert still_due({**nightly, "StartTime": future}, now) == {**nightly, "StartTime": future}
    assert still_due({"ScheduledActionName": "once", "StartTime": past}, now) is None
    assert still_due({**nightly, "EndTime": past}, now) is None


def test_a_launch_configuration_becomes_a_template_that_launches_the_same() -> None:
    made = configuration.template_data(
        {
            "LaunchConfigurationName": "api-lc",
            "CreatedTime": datetime(2020, 1, 1, tzinfo=UTC),
            "ImageId": "ami-old",
            "InstanceType": "m5.large",
            "UserData": "ZWNobw==",
            "KernelId": "",
            "SecurityGroups": ["sg-1"],
            "AssociatePublicIpAddress": False,
            "IamInstanceProfile": "api",
            "InstanceMonitoring": {"Enabled": False},
            "SpotPrice": "0.1",
            "PlacementTenancy": "dedicated",
            "EbsOptimized": False,
            "MetadataOptions": {"HttpTokens": "required"},
            "BlockDeviceMappings": [
                {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "DeleteOnTermination": True}},
                {"DeviceName": "/dev/sdb", "NoDevice": True},
                {"DeviceName": "/dev/sdc", "VirtualName": "ephemeral0"},
            ],
        }
    )
    assert made == {
        "ImageId": "ami-old",
        "InstanceType": "m5.large",
        "UserData": "ZWNobw==",
        "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": False, "Groups": ["sg-1"]}],
        "IamInstanceProfile": {"Name": "api"},
        "Monitoring": {"Enabled": False},
        "InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.1"}},
        "Placement": {"Tenancy": "dedicated"},
        "EbsOptimized": False,
        "MetadataOptions": {"HttpTokens": "required"},
        "BlockDeviceMappings": [
            {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "DeleteOnTermination": True}},
            {"DeviceName": "/dev/sdb", "NoDevice": ""},
            {"DeviceName": "/dev/sdc", "VirtualName": "ephemeral0"},
        ],
    }


@pytest.mark.parametrize(
    ("override", "level"),
    [
        ({"InstanceType": "m5.large", "WeightedCapacity": "2"}, "refuse"),
        ({"InstanceType": "m5.large", "ImageId": "ami-1"}, "refuse"),
        ({"InstanceType": "m6g.large", "LaunchTemplateSpecification": {"LaunchTemplateName": "arm"}}, "warn"),
    ],
)
def test_overrides_that_would_not_launch_the_new_image_are_told(override: dict[str, str], level: str) -> None:
    policy = {"LaunchTemplate": {"LaunchTemplateSpecification": {}, "Overrides": [override]}}
    assert [finding.level for finding in mixed.findings(group(MixedInstancesPolicy=policy))] == [level]
    assert list(mixed.findings(group(MixedInstancesPolicy={"LaunchTemplate": {"Overrides": []}}))) == []


def test_a_process_that_the_push_needs_is_suspended_only_once_the_group_serves() -> None:
    held = replace(group(), suspended={"AlarmNotification": "User", "ReplaceUnhealthy": "User"})
    assert settings.suspended(held) == (["AlarmNotification"], ["ReplaceUnhealthy"])
    found = list(settings.findings(held, GroupExtras()))
    assert [finding.level for finding in found] == ["note"]
    assert "ReplaceUnhealthy" in found[0].text


def test_a_group_that_could_not_come_back_into_its_target_groups_is_refused() -> None:
    held = replace(group(), suspended={"AddToLoadBalancer": "User"})
    codes = {finding.code: finding.level for finding in plan(situation(held), Options()).findings}
    assert codes["cannot-return"] == "refuse"


def test_what_a_group_has_is_carried_by_steps_of_their_own_before_and_after_the_traffic_moves() -> None:
    rich = replace(
        group(
            EnabledMetrics=[{"Metric": "GroupDesiredCapacity", "Granularity": "1Minute"}],
            WarmPoolConfiguration={"MinSize": 1, "PoolState": "Stopped", "Status": "Active"},
        ),
        suspended={"AZRebalance": "User"},
    )
    extras = GroupExtras(scaling_policies=(OUT,), lifecycle_hooks=({"LifecycleHookName": "boot"},))
    preview = plan(situation(rich, extras=extras, alarms={BUSY.name: BUSY}), Options())
    assert not preview.refusals
    assert [step.kind for step in preview.steps] == [
        "create-template-version",
        "create-group",
        "carry-over",
        "size-group",
        "wait-healthy",
        "take-traffic",
        "restore-size",
        "carry-rest",
        "keep-group",
    ]
    words = [change for step in preview.steps for change in step.changes]
    assert f"PutMetricAlarm: {NEW}-busy" in words
    assert any("with the lifecycle hooks boot" in change for change in words)
