"""Putting what a group has by name, or deleting it, because a person wants it so: scheduled actions, policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, Protocol, TypeVar

from apps.cloud.aws import scaling
from apps.cloud.errors import Invalid, NotFound
from apps.deployments.carry.rewrite import plain
from apps.deployments.carry.tables import SCHEDULE
from apps.deployments.place import Place, existing, find
from apps.deployments.steps.base import READ_GROUPS, CloudStep, sent, tell
from apps.deployments.steps.carry import now_of, still_due
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Change, Done, Failed, Outcome

Payload = dict[str, Any]  # the parameters of its put, as JSON keeps them
T = TypeVar("T")


class Send(Protocol):
    """Makes the first changing call."""

    def __call__(self, call: Callable[[], T]) -> T: ...


class SetNamed(CloudStep):
    """`wanted` are the parameters of its put; None: it is deleted. Its undo puts back what was there before.

    What somebody else has put there since stays.
    """

    noun: ClassVar[str]
    kind: ClassVar[str]  # of its events, with _set and _deleted
    undo_title = "Have it as it was"

    def read(self, place: Place, group: str, name: str) -> Payload | None:
        """What is there now by this name."""
        raise NotImplementedError

    def put(self, context: Context, place: Place, group: str, payload: Payload, send: Send) -> None:
        """Makes its first changing call by `send`."""
        raise NotImplementedError

    def delete(self, context: Context, place: Place, group: str, name: str, send: Send) -> None:
        """The same."""
        raise NotImplementedError

    def same(self, now: Payload | None, other: Payload | None) -> bool:
        """Whether it is now as it was put: AWS adds members with its defaults."""
        return _holds(now, other)

    def why_not(self, context: Context, place: Place, group: str) -> str:
        """Why it cannot be put as it is wanted, by now; empty if it can."""
        del context, place, group
        return ""

    def act(self, context: Context, place: Place) -> Outcome:
        group, name, wanted = (context.params[key] for key in ("group", "name", "wanted"))
        existing(context, place, group)
        problem = self.why_not(context, place, group) if wanted else ""
        if problem:
            return Failed(problem)
        if context.memory.get("before") is None:
            context.remember(before={"was": self.read(place, group, name)})
        was = context.memory["before"]["was"]
        if was is None and wanted is None:
            return Done(f"{name} of {group} is gone already")
        tell(context, self._change(place, group, name, was, wanted))
        self._set(context, place, wanted, partial(sent, context, before=None))
        return Done()

    def revert(self, context: Context, place: Place) -> Outcome:
        group, name, wanted = (context.params[key] for key in ("group", "name", "wanted"))
        before = context.memory.get("before")
        if before is None:
            return Done("nothing was changed")
        found = find(context, place, group).get(group)
        if found is None or found.status:
            return Done(f"{group} is gone")
        now, was = self.read(place, group, name), before["was"]
        if not self.same(now, wanted) and not self.same(now, was):
            return Done(f"{name} was changed by somebody else; it is left so")
        tell(context, self._change(place, group, name, wanted, was))
        self._set(context, place, was, lambda call: call())
        return Done()

    def _set(self, context: Context, place: Place, payload: Payload | None, send: Send) -> None:
        group, name = context.params["group"], context.params["name"]
        if payload is not None:
            self.put(context, place, group, payload, send)
            return
        try:
            self.delete(context, place, group, name, send)
        except (NotFound, Invalid):
            if self.read(place, group, name) is not None:
                raise

    def _change(self, place: Place, group: str, name: str, before: Payload | None, after: Payload | None) -> Change:
        words = f"{self.noun} {name} of {group} {'deleted' if after is None else 'set'}"
        return place.change(f"{self.kind}_{'deleted' if after is None else 'set'}", group, words, before, after)


@register
class SetSchedule(SetNamed):
    """Of one that recurs, AWS shows as its start when it runs next: that is nothing that was set."""

    slug = "set-schedule"
    noun, kind = "scheduled action", "schedule"
    calls = (
        *READ_GROUPS,
        "autoscaling:DeleteScheduledAction",
        "autoscaling:DescribeScheduledActions",
        "autoscaling:PutScheduledUpdateGroupAction",
    )

    def read(self, place: Place, group: str, name: str) -> Payload | None:
        described = scaling.describe_schedules(place.target, group)
        found = next((each for each in described if each["ScheduledActionName"] == name), None)
        return plain(SCHEDULE.payload(found)) if found else None

    def same(self, now: Payload | None, other: Payload | None) -> bool:
        return super().same(_without_start(now), _without_start(other))

    def why_not(self, context: Context, place: Place, group: str) -> str:
        del place
        over = still_due(context.params["wanted"], now_of(context)) is None
        return f"{context.params['name']} of {group} was to run at a time that has passed." if over else ""

    def put(self, context: Context, place: Place, group: str, payload: Payload, send: Send) -> None:
        due = still_due(payload, now_of(context))
        if due is None:  # what is put back ran meanwhile, and does not come again
            self.delete(context, place, group, payload["ScheduledActionName"], send)
        else:
            send(partial(scaling.put_schedule, place.target, group, due))

    def delete(self, context: Context, place: Place, group: str, name: str, send: Send) -> None:
        del context
        send(lambda: scaling.delete_schedule(place.target, group, name))


def _holds(now: Any, other: Any) -> bool:
    if isinstance(now, Mapping) and isinstance(other, Mapping):
        return all(_holds(now.get(member), value) for member, value in other.items())
    return bool(now == other)


def _without_start(payload: Payload | None) -> Payload | None:
    if payload and payload.get("Recurrence"):
        return {member: value for member, value in payload.items() if member != "StartTime"}
    return payload
