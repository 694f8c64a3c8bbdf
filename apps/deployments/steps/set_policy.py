"""Putting a scaling policy by hand, with the alarm that triggers it, and deleting one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from apps.cloud.aws import alarms, scaling
from apps.cloud.tags import RUN_TAG
from apps.cloud.values import AlarmState, Described
from apps.deployments.alarms import ALARMS, is_of, note
from apps.deployments.carry.policies import alarm_names, policies
from apps.deployments.carry.rewrite import plain
from apps.deployments.carry.tables import ALARM
from apps.deployments.place import Place
from apps.deployments.steps.base import READ_GROUPS, tell
from apps.deployments.steps.carry import GROUP_TAG, acting_on
from apps.deployments.steps.set_named import Payload, Send, SetNamed
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Outcome


@register
class SetPolicy(SetNamed):
    """`alarm` are the parameters of PutMetricAlarm, without what it triggers; None where AWS makes the alarms itself.

    With a policy AWS takes its action out of alarms; its undo puts that there again.
    """

    slug = "set-policy"
    noun, kind = "scaling policy", "policy"
    calls = (
        *READ_GROUPS,
        "autoscaling:DeletePolicy",
        "autoscaling:DescribePolicies",
        "autoscaling:PutScalingPolicy",
        "cloudwatch:DeleteAlarms",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
    )

    def read(self, place: Place, group: str, name: str) -> Payload | None:
        found = _described(place, group, name)
        return policies((found,), group, group)[0] if found else None

    def why_not(self, context: Context, place: Place, group: str) -> str:
        alarm, ours = context.params.get("alarm"), self._given(context, place, group)
        foreign = [each.name for each in _alarms(place, alarm) if each.name not in ours and not is_of(each, group)]
        return f"An alarm called {foreign[0]} stands, which is not of {group}; it is left alone." if foreign else ""

    def put(self, context: Context, place: Place, group: str, payload: Payload, send: Send) -> None:
        self._know(context, place, group)
        arn = send(lambda: scaling.put_policy(place.target, group, payload))
        tags = {RUN_TAG: str(context.run_id), GROUP_TAG: group}
        if "undoing" in context.memory:
            known, name = context.memory["triggers"], payload["PolicyName"]
            for alarm in known["alarms"]:
                self._put_alarm(context, place, acting_on(alarm, {known["arn"]: name}, {name: arn}), tags)
            self._drop_made(context, place)
        elif context.params.get("alarm"):
            alarm = {**context.params["alarm"], "AlarmActions": [arn]}
            note(context, place, group, [alarm["AlarmName"]])
            self._put_alarm(context, place, alarm, tags)

    def _put_alarm(self, context: Context, place: Place, alarm: Payload, tags: Mapping[str, str]) -> None:
        group, name = context.params["group"], context.params["name"]
        tell(context, place.change("alarm_set", group, f"{alarm['AlarmName']} triggers {name} of {group}"))
        alarms.put_alarm(place.target, alarm, tags)

    def delete(self, context: Context, place: Place, group: str, name: str, send: Send) -> None:
        self._know(context, place, group)
        if "undoing" in context.memory:
            self._drop_made(context, place)
        send(lambda: scaling.delete_policy(place.target, group, name))

    def revert(self, context: Context, place: Place) -> Outcome:
        outcome = super().revert(context, place)
        if isinstance(outcome, Done) and context.memory.get("triggers") is not None:
            self._as_noted_before(context, place)
        return outcome

    def _know(self, context: Context, place: Place, group: str) -> None:
        """Remembers, before anything is changed, what triggers the policy, and which alarms are the group's from us."""
        if context.memory.get("triggers") is not None:
            return
        found = _described(place, group, context.params["name"])
        names = {*(alarm_names((found,)) if found else ()), *_named(context.params.get("alarm"))}
        known = alarms.describe_alarms(place.target, names) if names else ()
        payloads = [{**plain(ALARM.payload(each.raw)), "AlarmName": each.name} for each in known]
        given = self._given(context, place, group)
        context.remember(triggers={"arn": found["PolicyARN"] if found else "", "alarms": payloads, "given": given})

    def _given(self, context: Context, place: Place, group: str) -> list[str]:
        """The alarms that the group has from us, as the ledger has it."""
        item = context.owed(ALARMS, place.resource(group))
        return list(item.original) if item else []

    def _drop_made(self, context: Context, place: Place) -> None:
        """Deletes the alarm that this run made, where there was none of its name before."""
        before = {each["AlarmName"] for each in context.memory["triggers"]["alarms"]}
        made = [each.name for each in _alarms(place, context.params.get("alarm")) if each.name not in before]
        if made:
            group = context.params["group"]
            tell(context, place.change("alarms_deleted", group, f"{', '.join(made)} of {group} deleted again"))
            alarms.delete_alarms(place.target, made)

    def _as_noted_before(self, context: Context, place: Place) -> None:
        """The ledger says of the group's alarms what it did: the group stands, so nothing else would strike them."""
        group, given = context.params["group"], context.memory["triggers"]["given"]
        item = context.owed(ALARMS, place.resource(group))
        if item is None or item.original == given:
            return
        context.repaid(item)
        if given:
            note(context, place, group, given)


def _described(place: Place, group: str, name: str) -> Described | None:
    found = scaling.describe_policies(place.target, group)
    return next((each for each in found if each["PolicyName"] == name), None)


def _named(alarm: Payload | None) -> Iterable[str]:
    return (alarm["AlarmName"],) if alarm else ()


def _alarms(place: Place, alarm: Payload | None) -> tuple[AlarmState, ...]:
    return alarms.describe_alarms(place.target, _named(alarm)) if alarm else ()
