"""What becomes of a group out of traffic: kept for a rollback, or deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from apps.cloud.aws import autoscaling
from apps.cloud.aws.guard import refuse_while_looking
from apps.cloud.errors import CloudError
from apps.cloud.values import GroupState
from apps.deployments import guard
from apps.deployments.alarms import GIVEN, buried
from apps.deployments.kept import end_kept, keep, keep_on, put_off
from apps.deployments.ledger import PROCESSES, WEIGHTS, owed_by
from apps.deployments.place import APPEARS_WITHIN, LookAgain, Place, find, health
from apps.deployments.protection import unprotect
from apps.deployments.steps.base import READ_GROUPS, READ_HEALTH, READ_RULES, CloudStep, attempt, pause
from apps.deployments.steps.target_groups import CLEARING, delete_own, leave_rules
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Change, Done, Failed, Outcome, Wait

PATIENCE = 60.0  # seconds for which the deletion of an older group is tried before clean-ups take over


@register
class KeepGroup(CloudStep):
    slug = "keep-group"
    shares = "all"
    calls = READ_GROUPS

    def act(self, context: Context, place: Place) -> Outcome:
        name, arn, hours = (context.params[key] for key in ("group", "arn", "hours"))
        group = find(context, place, name).get(name)
        if group is None or group.status:
            went = buried(context, place, name)
            return Done(f"{name} is gone, so it is not kept", changes=went.changes, repaid=went.repaid)
        until = f"for {hours:g} h" if hours else "until the next push"
        change = place.change("kept", name, f"{name} kept {until}")
        return Done(changes=(change,), also=(partial(keep, context.run_id, name, arn, hours),))

    def revert(self, context: Context, place: Place) -> Outcome:
        del place
        return Done(also=(partial(end_kept, context.params["arn"]),))


@register
class KeepWeights(CloudStep):
    """Traffic that is shared by weights stays so: nothing of it is owed to either group any more."""

    slug = "keep-weights"

    def act(self, context: Context, place: Place) -> Outcome:
        name, stays = context.params["group"], context.params["stays"]
        owed = (context.owed(WEIGHTS, place.resource(each)) for each in (name, stays))
        struck = tuple(item.pk for item in owed if item)
        return Done(repaid=struck, also=(partial(end_kept, context.params["arn"]),))


class Deletion(CloudStep):
    """Deletes a group, and what the rules have for it where it stands by at weight 0."""

    calls = (
        *READ_GROUPS,
        *READ_HEALTH,
        *READ_RULES,
        "autoscaling:DeleteAutoScalingGroup",
        "autoscaling:ResumeProcesses",
    )

    def calls_for(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        clearing = CLEARING if params.get("in_rules") else ()
        return (*self.calls, *clearing, *(GIVEN if params.get("given") else ()))


@register
class DeleteGroup(Deletion):
    """Deletes a group that does not serve, and waits until it is gone.

    One that stood by and is attached again is left alone; not so one that a person wants gone, `attached` as it was.
    Where that is the `last` that serves, the guard lets it go, or does not.
    """

    slug = "delete-group"
    shares = "end"

    def act(self, context: Context, place: Place) -> Outcome:
        own = _own(context, place)
        group = _standing(context, place)
        if group is None:
            return _cleared(context, place, own)
        if context.params.get("if_gone"):
            why = "stands after all"
            return Done(f"{group.name} {why}", {"left_alone": why})
        if group.status:
            return Wait(pause(context), f"{len(group.members)} instances of {group.name} are being terminated.")
        if not context.params.get("attached"):
            if _in_traffic(context, place, group, own):
                return _left_alone(context, place, group)
        elif not context.params.get("last") and _serves_by_now(context, place, group):
            why = "serves"
            return Done(f"{group.name} {why}, so it was left alone", {"left_alone": why})
        other = context.params.get("other")
        carried = find(context, place, other).get(other) if other else None
        load = max(group.desired, 1) if carried is None else group.desired + carried.desired
        held = guard.hold_back(context, place, guard.Loss(group, carried_by=carried, load=load))
        leaving = Wait(pause(context), held) if held else leave_rules(context, place, own)
        if leaving:
            return leaving
        return _order_deletion(context, place, group)

    def revert(self, context: Context, place: Place) -> Outcome:
        if "deleting" not in context.memory:
            return Done("nothing was deleted")
        group = _standing(context, place)
        if group is None or _went(context, group):
            return Failed(f"{context.params['group']} is deleted, which nothing brings back.")
        return Failed(f"nothing was deleted: {group.name} stands as before.")


def _serves_by_now(context: Context, place: Place, group: GroupState) -> bool:
    """Whether a group that a person wants gone serves, or requests reach it that did not when that was planned."""
    if not context.params["reachable"] and guard.reachable(place, group):
        return True
    return guard.serves(place, group, health(place, group.registered_with))


@register
class DeleteOlderGroup(Deletion):
    """Tells AWS to delete a group that an earlier deployment kept. Nothing about it stops or undoes a push.

    What AWS refuses is left to clean-ups.
    """

    slug = "delete-older-group"
    shares = "end"

    def act(self, context: Context, place: Place) -> Outcome:
        try:
            outcome = self._delete(context, place)
        except CloudError as error:
            if error.retryable and context.elapsed < PATIENCE:
                raise
            return _later(context, place, str(error))
        late = isinstance(outcome, Wait) and context.elapsed >= PATIENCE
        return _later(context, place, outcome.says) if late else outcome

    def revert(self, context: Context, place: Place) -> Outcome:
        """What is deleted stays deleted: it is not what the push replaced."""
        if "deleting" not in context.memory:
            return Done("nothing was deleted")
        group = _standing(context, place)
        return _gone(context, place) if group is None or _went(context, group) else Done("nothing was deleted")

    def _delete(self, context: Context, place: Place) -> Outcome:
        own = _own(context, place)
        group = _standing(context, place)
        if group is None or group.status:
            return _cleared(context, place, own)
        if _in_traffic(context, place, group, own):
            return _left_alone(context, place, group)
        held = guard.hold_back(context, place, guard.Loss(group))
        leaving = Wait(pause(context), held) if held else leave_rules(context, place, own)
        if leaving:
            return leaving
        return _order_deletion(context, place, group)


def _order_deletion(context: Context, place: Place, group: GroupState) -> Outcome:
    """AWS is told to delete the group, unless it is protected.

    "deleting" is remembered when that may have been, "accepted" when AWS has said yes.
    """
    refuse_while_looking("DeleteAutoScalingGroup")  # before anything is remembered of a call that is not sent
    if not unprotect(context, place, group):
        return _protected(context, group)
    says = f"{group.name} is being deleted."

    def call() -> None:
        autoscaling.delete_group(place.target, group.name, force=True)
        context.remember(accepted=True)

    if "deleting" in context.memory:  # what AWS refuses of a repeat may mean that the first call took effect
        return attempt(context, call, says)
    context.remember(deleting=True)
    call()
    return Wait(pause(context), says)


def _went(context: Context, group: GroupState) -> bool:
    """Whether AWS deletes the group that it was told to. Raises LookAgain while it may only be late to show it."""
    if group.status or "accepted" in context.memory:
        return True
    if context.elapsed < APPEARS_WITHIN:
        raise LookAgain(f"{group.name} is shown as it was; making sure whether it is being deleted.")
    return False


def _later(context: Context, place: Place, why: str) -> Done:
    """It stands by on, and clean-ups try to delete it."""
    name, arn = context.params["group"], context.params["arn"]
    told = place.change("deleted", name, f"AWS was told to delete {name}, and has not shown yet that it is gone")
    return Done(
        f"{name} is not deleted yet, which is tried again in an hour: {why}",
        changes=(told,) if "accepted" in context.memory else (),
        also=(partial(put_off, arn),),
    )


def _standing(context: Context, place: Place) -> GroupState | None:
    """The group that is to be deleted; None when it is gone, also if another one has its name by now."""
    name, arn = context.params["group"], context.params["arn"]
    known = "accepted" in context.memory or context.params.get("gone", False)
    group = find(context, place, name, deleted=known).get(name)
    return group if group and (not arn or group.arn == arn) else None


def _own(context: Context, place: Place) -> list[str]:
    """The target groups in which the group stands by at weight 0; they go with it."""
    item = context.owed(WEIGHTS, place.resource(context.params["group"]))
    return sorted(item.original["pairs"]) if item else []


def _in_traffic(context: Context, place: Place, group: GroupState, own: Collection[str]) -> bool:
    """Whether somebody attached the group elsewhere, or gave it weight again, since it was left to stand by.

    Raises LookAgain while it may only be shown as it was before it left.
    """
    there = not set(group.registered_with) <= set(own) or guard.reachable(place, group)
    if there and context.elapsed < APPEARS_WITHIN:
        raise LookAgain(f"{group.name} is shown in traffic; making sure that it is so by now.")
    return there


def _cleared(context: Context, place: Place, own: Collection[str]) -> Outcome:
    """The group is gone, or going: what stood in the rules for it goes too."""
    name = context.params["group"]
    waiting = leave_rules(context, place, own) or delete_own(context, place, name, own)
    return waiting or _gone(context, place)


def _gone(context: Context, place: Place) -> Done:
    name = context.params["group"]
    change, went = place.change("deleted", name, f"{name} deleted"), buried(context, place, name)
    return Done(
        f"{name} is deleted" if "deleting" in context.memory else f"{name} is gone already",
        changes=((change,) if "deleting" in context.memory else ()) + went.changes,
        repaid=went.repaid,
        also=(partial(end_kept, context.params["arn"]),),
    )


def _protected(context: Context, group: GroupState) -> Done:
    """Somebody protects the group from deletion: it stays until they delete it."""
    why = "is protected from deletion"
    stood_by = "attached" not in context.params  # else a person chose it, whatever it was
    stands_by = partial(keep_on, context.run_id, group.name, context.params["arn"])
    return Done(f"{group.name} {why}, so it was left alone", {"left_alone": why}, also=(stands_by,) if stood_by else ())


def _left_alone(context: Context, place: Place, group: GroupState) -> Done:
    """Somebody attached the group again: it is theirs, and scales by its own processes again."""
    item = context.owed(PROCESSES, place.resource(group.name))
    changes: tuple[Change, ...] = ()
    why = "is attached to a target group again"
    if item:
        held = [process for process in item.original if process in group.suspended]
        autoscaling.resume(place.target, group.name, held)
        says = f"{group.name}: resumed {', '.join(held)}"
        changes = (place.change("processes_resumed", group.name, says, before={"suspended": held}),) if held else ()
    return Done(
        f"{group.name} {why}, so it was left alone",
        {"left_alone": why},
        changes,
        owed_by(place.resource(group.name)),
        (partial(end_kept, context.params["arn"]),),
    )
