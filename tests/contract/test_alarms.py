"""CloudWatch alarms change their state with their metric, and tell why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented


class Watched:
    """An alarm on a metric of its own; each look puts another value."""

    def __init__(self, stack: Stack, **settings: Any) -> None:
        self.stack, self.cloudwatch, self.name = stack, stack.client("cloudwatch"), stack.name("alarm")
        self.metric = {"Namespace": "Contract", "MetricName": self.name}
        wanted = {
            "AlarmName": self.name,
            **self.metric,
            **({} if "ExtendedStatistic" in settings else {"Statistic": "Average"}),
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 10.0,
            "ComparisonOperator": "GreaterThanThreshold",
        }
        self.cloudwatch.put_metric_alarm(**{**wanted, **settings})

    def described(self) -> dict[str, Any]:
        found: list[dict[str, Any]] = self.cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"]
        return found[0]

    def becomes(self, state: str, *values: float) -> dict[str, Any]:
        """Puts `values` with each look until the alarm is in `state`."""

        def look() -> dict[str, Any] | None:
            if values:
                datum = {"MetricName": self.name, "Values": list(values)}
                self.cloudwatch.put_metric_data(Namespace="Contract", MetricData=[datum])
            found = self.described()
            return found if found["StateValue"] == state else None

        return self.stack.eventually(look, f"{self.name} in {state}") or {}

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *error: object) -> None:
        self.cloudwatch.delete_alarms(AlarmNames=[self.name])


def test_an_alarm_goes_from_insufficient_data_to_alarm_and_ok_with_its_metric(quick: Stack) -> None:
    """CloudWatch user guide, "Metric alarm states"."""
    with Watched(quick) as alarm:
        first = alarm.described()
        assert first["StateValue"] == "INSUFFICIENT_DATA"
        assert first["StateReason"] == "Unchecked: Initial alarm creation"
        crossed = alarm.becomes("ALARM", 20.0)
        assert crossed["StateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoint [20.0]")
        assert json.loads(crossed["StateReasonData"])["recentDatapoints"] == [20.0]
        calm = alarm.becomes("OK", 1.0)
        assert "not greater than the threshold (10.0)" in calm["StateReason"]
        assert calm["StateTransitionedTimestamp"] > crossed["StateTransitionedTimestamp"]
        assert alarm.becomes("INSUFFICIENT_DATA")["StateReason"].startswith("Insufficient Data")


@pytest.mark.parametrize(
    ("statistic", "quiet", "loud"),
    [
        ({"Statistic": "Maximum"}, (1.0, 9.0), (1.0, 11.0)),
        ({"Statistic": "Minimum"}, (1.0, 90.0), (11.0, 90.0)),
        ({"ExtendedStatistic": "p50"}, (1.0, 1.0, 90.0), (1.0, 90.0, 90.0)),
    ],
    ids=["maximum", "minimum", "median"],
)
def test_every_statistic_can_be_watched(
    quick: Stack, statistic: dict[str, str], quiet: tuple[float, ...], loud: tuple[float, ...]
) -> None:
    """API reference, PutMetricAlarm: Statistic or ExtendedStatistic."""
    with Watched(quick, **statistic) as alarm:
        alarm.becomes("OK", *quiet)
        alarm.becomes("ALARM", *loud)


def test_missing_data_is_treated_as_the_alarm_says(quick: Stack) -> None:
    """User guide, "Configuring how CloudWatch alarms treat missing data"."""
    with Watched(quick, TreatMissingData="breaching") as alarm:
        assert "treated as [Breaching]" in alarm.becomes("ALARM")["StateReason"]
    with Watched(quick, TreatMissingData="notBreaching") as alarm:
        assert "treated as [NonBreaching]" in alarm.becomes("OK")["StateReason"]


def test_a_state_that_was_set_lasts_until_the_alarm_is_next_evaluated(quick: Stack) -> None:
    """API reference, SetAlarmState: temporarily; its actions are taken."""
    with Watched(quick) as alarm:
        alarm.cloudwatch.set_alarm_state(AlarmName=alarm.name, StateValue="ALARM", StateReason="to see")
        history = alarm.cloudwatch.describe_alarm_history(AlarmName=alarm.name, HistoryItemType="StateUpdate")
        told = [one["HistorySummary"] for one in history["AlarmHistoryItems"]]
        assert "Alarm updated from INSUFFICIENT_DATA to ALARM" in told
        alarm.becomes("INSUFFICIENT_DATA")


@pytest.mark.shape
def test_a_topic_named_by_an_alarm_is_told_of_its_state(quick: Stack) -> None:
    """API reference, PutMetricAlarm: AlarmActions; the message names the alarm, its states and its reason."""
    sns, sqs = quick.client("sns"), quick.client("sqs")
    topic = sns.create_topic(Name=quick.name())["TopicArn"]
    url = sqs.create_queue(QueueName=quick.name())["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
    with Watched(quick, AlarmActions=[topic]) as alarm:
        alarm.becomes("ALARM", 20.0)
        found = quick.eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages"), "the message")
    told = json.loads((found or [{}])[0]["Body"])
    assert (told["AlarmName"], told["OldStateValue"], told["NewStateValue"]) == (
        alarm.name,
        "INSUFFICIENT_DATA",
        "ALARM",
    )


@pytest.mark.shape
def test_alarms_are_described_by_prefix_state_action_and_metric(quick: Stack) -> None:
    """API reference, DescribeAlarms and DescribeAlarmsForMetric."""
    where = [{"Name": "AutoScalingGroupName", "Value": "app-v001"}]
    action = f"arn:aws:sns:us-east-1:{100:012}:{quick.name()}"
    with Watched(quick, Dimensions=where, OKActions=[action]) as alarm, Watched(quick) as other:
        describe = alarm.cloudwatch.describe_alarms
        both = {"AlarmNamePrefix": alarm.name[:5]}
        assert {one["AlarmName"] for one in describe(**both)["MetricAlarms"]} >= {alarm.name, other.name}
        assert [one["AlarmName"] for one in describe(ActionPrefix=action)["MetricAlarms"]] == [alarm.name]
        assert describe(AlarmNames=[alarm.name], StateValue="ALARM")["MetricAlarms"] == []
        on_metric = alarm.cloudwatch.describe_alarms_for_metric
        assert [one["AlarmName"] for one in on_metric(**alarm.metric, Dimensions=where)["MetricAlarms"]] == [alarm.name]
        assert on_metric(**alarm.metric)["MetricAlarms"] == []


@pytest.mark.shape
def test_an_alarm_that_cannot_be_is_refused(quick: Stack) -> None:
    """API reference, PutMetricAlarm; DeleteAlarms of one that is not there is ResourceNotFound."""
    put, name = quick.client("cloudwatch").put_metric_alarm, quick.name("alarm")
    good = {
        "AlarmName": name,
        "Namespace": "Contract",
        "MetricName": name,
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 2,
        "Threshold": 1.0,
        "ComparisonOperator": "LessThanThreshold",
    }
    for wrong in (
        {"Period": 45},
        {"DatapointsToAlarm": 3},
        {"ExtendedStatistic": "p90"},
        {"TreatMissingData": "perhaps"},
    ):
        assert refused(put, **{**good, **wrong}) == "ValidationError"
    assert refused(quick.client("cloudwatch").delete_alarms, AlarmNames=[name]) == "ResourceNotFound"
