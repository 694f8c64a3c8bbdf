"""Giving the next group what the serving one has beside its creation: what is put by name, described first.

All of it goes with the group, but for the alarms: those are entered in the ledger, and deleted when the group is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db.models.functions import Now

from apps.cloud.aws import alarms as cloudwatch
from apps.cloud.aws import autoscaling, scaling
from apps.cloud.errors import NotFound
from apps.cloud.tags import RUN_TAG
from apps.cloud.values import Described, GroupState
from apps.deployments.alarms import is_of, note
from apps.deployments.carry.policies import ACTIONS
from apps.deployments.carry.rewrite import retargeted
from apps.deployments.place import APPEARS_WITHIN, Place, existing, find
from apps.deployments.protection import protect, unprotect
from apps.deployments.steps.base import READ_GROUPS, CloudStep, pause, tell
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.models import Run
from apps.workflows.plans import Done, Failed, Outcome, Wait

GROUP_TAG = "deployconsole:group"


class CarryStep(CloudStep):
    """A group just created is not known everywhere at once: what AWS does not find yet is put a moment later."""

    skippable = True
    calls = READ_GROUPS
    calls_by: ClassVar[Mapping[str, tuple[str, ...]]] = {}  # what is called where a parameter has something in it

    def calls_for(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        return (*self.calls, *(call for name, calls in self.calls_by.items() if params[name] for call in calls))

    def act(self, context: Context, place: Place) -> Outcome:
        name = context.params["group"]
        group = existing(context, place, name)
        try:
            return self.put(context, place, group)
        except NotFound as error:
            if context.elapsed < APPEARS_WITHIN:
                return Wait(pause(context), f"{name} was just created, and AWS does not know it everywhere yet.")
            return Failed(str(error))

    def put(self, context: Context, place: Place, group: GroupState) -> Outcome:
        raise NotImplementedError


@register
class CarryOver(CarryStep):
    """What is there before the first instance starts, so that the group scales and reports from the beginning."""

    slug = "carry-over"
    calls_by: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "notifications": (
            "autoscaling:DescribeNotificationConfigurations",
            "autoscaling:PutNotificationConfiguration",
        ),
        "metrics": ("autoscaling:EnableMetricsCollection",),
        "processes": ("autoscaling:SuspendProcesses",),
        "policies": ("autoscaling:DescribePolicies", "autoscaling:PutScalingPolicy"),
        "alarms": ("cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"),
        "schedules": ("autoscaling:DescribeScheduledActions", "autoscaling:PutScheduledUpdateGroupAction"),
    }

    def put(self, context: Context, place: Place, group: GroupState) -> Outcome:
        params, moved = context.params, context.facts.get("target_groups", {})
        _tell(context, place, group, "notifications", params["notifications"])
        self._notifications(place, group, params["notifications"])
        collected = {metric["Metric"] for metric in group.raw.get("EnabledMetrics") or ()}
        for granularity, names in params["metrics"].items():
            _tell(context, place, group, "metrics", names)
            if not collected.issuperset(names):
                scaling.enable_metrics(place.target, group.name, names, granularity)
        _suspend(context, place, group, params["processes"])
        _tell(context, place, group, "policies", [policy["PolicyName"] for policy in params["policies"]])
        arns = self._policies(place, group, retargeted(params["policies"], moved))
        alarms = [acting_on(alarm, params["arns"], arns) for alarm in params["alarms"]]
        foreign = self._alarms(context, place, group, retargeted(alarms, moved)) if alarms else ""
        if foreign:
            return Failed(f"An alarm called {foreign} stands, which this push did not make; it is left alone.")
        _tell(context, place, group, "schedules", [action["ScheduledActionName"] for action in params["schedules"]])
        late = list(self._schedules(context, place, group)) if params["schedules"] else []
        return Done(f"{', '.join(late)} ran meanwhile and does not come again" if late else "")

    def _notifications(self, place: Place, group: GroupState, wanted: Mapping[str, list[str]]) -> None:
        told = _told(scaling.describe_notifications(place.target, group.name)) if wanted else {}
        for topic, types in wanted.items():
            if told.get(topic) != types:
                scaling.put_notification(place.target, group.name, topic, types)

    def _policies(self, place: Place, group: GroupState, policies: list[dict[str, Any]]) -> dict[str, str]:
        """Puts what lacks; answers the ARNs by the policies' names."""
        described = scaling.describe_policies(place.target, group.name) if policies else ()
        arns = {policy["PolicyName"]: policy["PolicyARN"] for policy in described}
        for policy in policies:
            if policy["PolicyName"] not in arns:
                arns[policy["PolicyName"]] = scaling.put_policy(place.target, group.name, policy)
        return arns

    def _alarms(self, context: Context, place: Place, group: GroupState, alarms: list[dict[str, Any]]) -> str:
        """Puts what lacks; answers the name of one that somebody else made, with nothing put then."""
        names = [alarm["AlarmName"] for alarm in alarms]
        found = {alarm.name: alarm for alarm in cloudwatch.describe_alarms(place.target, names)}
        foreign = next((alarm.name for alarm in found.values() if not is_of(alarm, group.name)), "")
        if foreign:
            return foreign
        note(context, place, group.name, names)
        _tell(context, place, group, "alarms", names)
        tags = {RUN_TAG: str(context.run_id), GROUP_TAG: group.name}
        for alarm in alarms:
            there = found.get(alarm["AlarmName"])
            if there is None or any(there.raw.get(member, []) != alarm.get(member, []) for member in ACTIONS):
                cloudwatch.put_alarm(place.target, alarm, tags)
        return ""

    def _schedules(self, context: Context, place: Place, group: GroupState) -> Iterator[str]:
        """Puts what lacks; answers the names of those that were to run once, and did before they were put."""
        described = scaling.describe_schedules(place.target, group.name)
        known = {action["ScheduledActionName"] for action in described}
        now = now_of(context)
        for action in context.params["schedules"]:
            due = still_due(action, now)
            if due is None:
                yield action["ScheduledActionName"]
            elif action["ScheduledActionName"] not in known:
                scaling.put_schedule(place.target, group.name, due)


@register
class CarryRest(CarryStep):
    """What the push could not do with before the group serves: a warm pool, suspended processes, protection."""

    slug = "carry-rest"
    calls_by: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "warm_pool": ("autoscaling:PutWarmPool",),
        "protection": ("autoscaling:UpdateAutoScalingGroup",),
        "processes": ("autoscaling:SuspendProcesses", "autoscaling:ResumeProcesses"),
    }
    undo_title = "Resume the processes of {group}, and lift its protection"

    def put(self, context: Context, place: Place, group: GroupState) -> Outcome:
        pool, protection = context.params["warm_pool"], context.params["protection"]
        _tell(context, place, group, "warm pool", pool)
        if pool and not group.raw.get("WarmPoolConfiguration"):
            scaling.put_warm_pool(place.target, group.name, pool)
        _tell(context, place, group, "protection", [protection] if protection else ())
        if protection and group.raw.get("DeletionProtection") != protection:
            protect(context, place, group, protection)
        _suspend(context, place, group, context.params["processes"])
        return Done()

    def revert(self, context: Context, place: Place) -> Outcome:
        name = context.params["group"]
        group = find(context, place, name).get(name)
        if group is None or group.status:
            return Done(f"{name} is gone")
        unprotect(context, place, group)
        held = [process for process in context.params["processes"] if process in group.suspended]
        if held:
            says = f"{name}: resumed {', '.join(held)}"
            tell(context, place.change("processes_resumed", name, says, before={"suspended": held}))
            autoscaling.resume(place.target, name, held)
        return Done()


def now_of(context: Context) -> datetime:
    """The database's time."""
    now: datetime = Run.objects.filter(pk=context.run_id).values_list(Now(), flat=True).get()
    return now


def still_due(action: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """A scheduled action as it can be put now: AWS takes no start in the past. None if it ran once and is over."""
    started = action.get("StartTime") and datetime.fromisoformat(action["StartTime"]) <= now
    ended = action.get("EndTime") and datetime.fromisoformat(action["EndTime"]) <= now
    if ended or (started and not action.get("Recurrence")):
        return None
    return {member: value for member, value in action.items() if not (started and member == "StartTime")}


def acting_on(alarm: Mapping[str, Any], names: Mapping[str, str], arns: Mapping[str, str]) -> dict[str, Any]:
    """The alarm, triggering the new group's policies instead of those of the old one; what else it does stays.

    `names` are the old policies' names by ARN, `arns` the new ones' ARNs by name.
    """
    acts = {member: [arns.get(names.get(act, ""), act) for act in alarm.get(member) or ()] for member in ACTIONS}
    return {**alarm, **{member: value for member, value in acts.items() if value}}


def _told(described: tuple[Described, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in described:
        found[each["TopicARN"]] = sorted([*found.get(each["TopicARN"], ()), each["NotificationType"]])
    return found


def _suspend(context: Context, place: Place, group: GroupState, processes: list[str]) -> None:
    _tell(context, place, group, "suspended", processes)
    autoscaling.suspend(place.target, group.name, [name for name in processes if name not in group.suspended])


def _tell(context: Context, place: Place, group: GroupState, kind: str, names: Collection[str]) -> None:
    """Notes what is about to be carried over, kind by kind: a step that fails midway has told what it did."""
    if names:
        says = f"{group.name}: {kind} {', '.join(names)}"
        tell(context, place.change("carried_over", group.name, says, {}, {kind: list(names)}))
