"""Alarms of one account and region: what they watch, their state, and whom a change of state is told."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.localcloud import messages
from apps.localcloud.cloud import Cloud, now
from apps.localcloud.cloudwatch.evaluation import ALARM, INSUFFICIENT, OK, Rule
from apps.localcloud.cloudwatch.store import Key, dimensions

ACTION_MEMBERS = {OK: "OKActions", ALARM: "AlarmActions", INSUFFICIENT: "InsufficientDataActions"}
_HISTORY = 200


@dataclass
class Alarm:
    name: str
    arn: str
    account: str
    region: str
    settings: dict[str, Any]  # PutMetricAlarm's members, completed with what AWS assumes
    state: str = INSUFFICIENT
    reason: str = "Unchecked: Initial alarm creation"
    reason_data: str = ""
    configured: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    transitioned: datetime = field(default_factory=now)
    acted: float = 0.0  # Unix time at which the present state's actions were last taken
    tags: dict[str, str] = field(default_factory=dict)
    history: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_HISTORY))  # newest first

    @property
    def key(self) -> Key:
        """Of the metric that it watches."""
        where = dimensions(self.settings.get("Dimensions") or [])
        return self.settings["Namespace"], self.settings["MetricName"], where

    @property
    def period(self) -> int:
        return int(self.settings["Period"])

    @property
    def statistic(self) -> str:
        return str(self.settings.get("Statistic") or self.settings["ExtendedStatistic"])

    @property
    def rule(self) -> Rule:
        periods = int(self.settings["EvaluationPeriods"])
        return Rule(
            periods=periods,
            needed=int(self.settings.get("DatapointsToAlarm") or periods),
            comparison=self.settings["ComparisonOperator"],
            threshold=float(self.settings["Threshold"]),
            missing=self.settings.get("TreatMissingData") or "missing",
        )

    @property
    def actions(self) -> list[str]:
        """Those of the present state; none while they are switched off."""
        return list(self.settings.get(ACTION_MEMBERS[self.state]) or []) if self.settings["ActionsEnabled"] else []

    def note(self, kind: str, summary: str) -> None:
        self.history.appendleft(
            {
                "AlarmName": self.name,
                "AlarmType": "MetricAlarm",
                "Timestamp": now(),
                "HistoryItemType": kind,
                "HistorySummary": summary,
            }
        )

    def view(self) -> dict[str, Any]:
        """As DescribeAlarms shows it."""
        shown = {
            **self.settings,
            "AlarmName": self.name,
            "AlarmArn": self.arn,
            "StateValue": self.state,
            "StateReason": self.reason,
            "StateReasonData": self.reason_data or None,
            "StateUpdatedTimestamp": self.updated,
            "StateTransitionedTimestamp": self.transitioned,
            "AlarmConfigurationUpdatedTimestamp": self.configured,
        }
        return {name: value for name, value in shown.items() if value is not None}


@dataclass
class Alarms:
    by_name: dict[str, Alarm] = field(default_factory=dict)


# (cloud, alarm, the action's ARN, the datapoints it rests on with the newest first)
Action = Callable[[Cloud, Alarm, str, tuple[float, ...]], None]
_ACTIONS: dict[str, Action] = {}


def alarm_action(service: str) -> Callable[[Action], Action]:
    """Registers what is done for actions whose ARN is of `service`."""

    def register(action: Action) -> Action:
        _ACTIONS[service] = action
        return action

    return register


def alarms(cloud: Cloud, account: str, region: str) -> Alarms:
    return cloud.state(Alarms, account, region)


def enter(cloud: Cloud, alarm: Alarm, state: str, reason: str, values: tuple[float, ...], data: str = "") -> None:
    """Puts the alarm into `state`, and takes its actions when that is another one."""
    before, alarm.state = alarm.state, state
    alarm.reason, alarm.reason_data, alarm.updated = reason, data, now()
    if before != state:
        alarm.transitioned = alarm.updated
        alarm.note("StateUpdate", f"Alarm updated from {before} to {state}")
        act(cloud, alarm, values, before)


def act(cloud: Cloud, alarm: Alarm, values: tuple[float, ...], before: str = "") -> None:
    """Takes the actions of the present state; `before` is empty when they are taken again."""
    alarm.acted = now().timestamp()
    for arn in alarm.actions:
        service = arn.split(":")[2]
        if service in _ACTIONS:
            _ACTIONS[service](cloud, alarm, arn, values)
        elif before and messages.target_exists(arn):
            messages.send(cloud, arn, f'{alarm.state}: "{alarm.name}" in {alarm.region}', _notice(alarm, before))
        if before:
            alarm.note("Action", f"Successfully executed action {arn}")


def _notice(alarm: Alarm, before: str) -> dict[str, Any]:
    namespace, name, where = alarm.key
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.settings.get("AlarmDescription"),
        "AWSAccountId": alarm.account,
        "NewStateValue": alarm.state,
        "NewStateReason": alarm.reason,
        "StateChangeTime": alarm.updated.isoformat(),
        "Region": alarm.region,
        "AlarmArn": alarm.arn,
        "OldStateValue": before,
        "Trigger": {
            "MetricName": name,
            "Namespace": namespace,
            "Dimensions": [{"name": one, "value": value} for one, value in where],
            "Statistic": alarm.statistic,
            "Period": alarm.period,
            "EvaluationPeriods": alarm.rule.periods,
            "ComparisonOperator": alarm.rule.comparison,
            "Threshold": alarm.rule.threshold,
            "TreatMissingData": alarm.rule.missing,
        },
    }


def reason_data(alarm: Alarm, values: tuple[float, ...]) -> str:
    """StateReasonData: what the state rests on, for programs."""
    told = {
        "version": "1.0",
        "queryDate": now().isoformat(),
        "statistic": alarm.statistic,
        "period": alarm.period,
        "recentDatapoints": list(reversed(values)),
        "threshold": alarm.rule.threshold,
    }
    return json.dumps(told)
