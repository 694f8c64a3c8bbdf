"""Suspending and resuming processes because a person wants it so: it stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from apps.cloud.aws import autoscaling
from apps.cloud.values import GroupState, Target
from apps.deployments import guard
from apps.deployments.place import Place, existing, find
from apps.deployments.replacement import present
from apps.deployments.steps.base import READ_GROUPS, READ_HEALTH, READ_RULES, REFUSED, CloudStep, pause, tell
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Change, Done, Outcome, Wait

SUSPEND, RESUME = "suspend", "resume"
CALLS: Mapping[str, Callable[[Target, str, Sequence[str]], None]] = {
    SUSPEND: lambda target, group, names: autoscaling.suspend(target, group, names),
    RESUME: lambda target, group, names: autoscaling.resume(target, group, names),
}


@register
class SetProcesses(CloudStep):
    """With Terminate resumed a group shrinks to its desired at once: only as far as the traffic guard lets it.

    Its undo does the opposite of what was sent, whatever somebody else did meanwhile.
    """

    slug = "set-processes"
    calls = (
        *READ_GROUPS,
        *READ_HEALTH,
        *READ_RULES,
        "autoscaling:ResumeProcesses",
        "autoscaling:SuspendProcesses",
    )
    undo_title = "Have the processes of {group} as they were"

    def act(self, context: Context, place: Place) -> Outcome:
        group = existing(context, place, context.params["group"])
        return self._all(context, place, group, {word: context.params[word] for word in CALLS})

    def revert(self, context: Context, place: Place) -> Outcome:
        name, sent = context.params["group"], context.memory.get("sent", [])
        group = find(context, place, name).get(name)
        if not sent or group is None or group.status:
            return Done("nothing was changed" if not sent else f"{name} is gone")
        opposite = {SUSPEND: RESUME, RESUME: SUSPEND}
        return self._all(
            context, place, group, {opposite[word]: context.params[word] for word in CALLS if word in sent}
        )

    def _all(self, context: Context, place: Place, group: GroupState, wanted: Mapping[str, Sequence[str]]) -> Outcome:
        held = _held_back(context, place, group) if "Terminate" in wanted.get(RESUME, ()) else ""
        if held:
            return Wait(pause(context), held)
        for word, names in wanted.items():
            if names:
                _send(context, place, group.name, word, names)
        return Done()


def _held_back(context: Context, place: Place, group: GroupState) -> str:
    """Why Terminate cannot be resumed: instances that Auto Scaling would end at once are needed."""
    if len(list(present(group))) <= group.desired:
        return ""
    name = context.params.get("other")
    beside = find(context, place, name).get(name) if name else None
    load = max(group.desired, 1) + (beside.desired if beside else 0)
    return guard.hold_back(context, place, guard.Loss(group, frozenset(), group.desired, beside, load))


def _send(context: Context, place: Place, group: str, word: str, names: Sequence[str]) -> None:
    """Each call is told before it is made, for the next may fail; what AWS refused is not, nor put back."""
    key = "sent_back" if "undoing" in context.memory else "sent"
    sent, told = context.memory.get(key, []), context.memory.get("told", [])
    tell(context, _change(place, group, word, names))
    context.remember(**{key: [*sent, word]})
    try:
        CALLS[word](place.target, group, names)
    except REFUSED:
        if word not in sent:  # no earlier call can have had its effect
            context.remember(**{key: sent}, told=told)
        raise


def _change(place: Place, group: str, word: str, names: Sequence[str]) -> Change:
    if word == SUSPEND:
        words = f"{', '.join(names)} of {group} suspended"
        return place.change("processes_suspended", group, words, after={"suspended": list(names)})
    return place.change(
        "processes_resumed", group, f"{group}: resumed {', '.join(names)}", before={"suspended": list(names)}
    )
