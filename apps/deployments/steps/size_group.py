"""Sizing groups: the new one before it is healthy, and its own size again once traffic has moved."""

from __future__ import annotations

from apps.cloud.aws import autoscaling
from apps.cloud.values import GroupState
from apps.deployments.ledger import SIZE
from apps.deployments.steps.base import CloudStep, Place, existing, groups
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Change, Done, Outcome


def sizes(group: GroupState) -> dict[str, int]:
    return {"min": group.min_size, "max": group.max_size, "desired": group.desired}


def resized(place: Place, name: str, before: dict[str, int], after: dict[str, int]) -> Change:
    """The event of a change of size."""
    words = ", ".join(f"{member} {before.get(member, '…')} → {value}" for member, value in after.items())
    return place.change("resized", name, f"{name}: {words}", before, after)


@register
class SizeGroup(CloudStep):
    """Pins min, and raises max if need be, so that nothing shrinks the group before its traffic has come."""

    slug = "size-group"

    def act(self, context: Context, place: Place) -> Outcome:
        name, size, top, final = (context.params[key] for key in ("group", "size", "max", "final"))
        says = f"min of {name} held at {size} instead of {final['min']}, max at {top} instead of {final['max']}"
        context.borrow(SIZE, place.resource(name), final, says=says)
        autoscaling.update_group(place.target, name, min_size=size, max_size=top, desired=size)
        return Done(changes=(resized(place, name, {"desired": 0}, {"min": size, "max": top, "desired": size}),))


@register
class RestoreSize(CloudStep):
    """Gives a group the min and max it shall have, and the size of the group whose traffic it took."""

    slug = "restore-size"

    def act(self, context: Context, place: Place) -> Outcome:
        name, other = context.params["group"], context.params["as"]
        item = context.owed(SIZE, place.resource(name))
        if item is None:
            return Done("nothing was held")
        group = existing(place, name)
        left = groups(place, other).get(other)
        load = left.desired if left and not left.status else item.original.get("desired", group.desired)
        low, high = item.original["min"], item.original["max"]
        if context.params.get("clip", True):
            load = min(load, high)
        desired = max(low, load)
        high = max(high, desired)
        autoscaling.update_group(place.target, name, min_size=low, max_size=high, desired=desired)
        context.repaid(item)
        change = resized(place, name, sizes(group), {"min": low, "max": high, "desired": desired})
        return Done(f"min {low}, max {high}, desired {desired}", changes=(change,))


@register
class RaiseGroup(CloudStep):
    """Brings a group that stood by to the present load, before it takes traffic again."""

    slug = "raise-group"

    def act(self, context: Context, place: Place) -> Outcome:
        name, other = context.params["group"], context.params["as"]
        found = groups(place, name, other)
        group, serving = found[name], found.get(other)
        item = context.owed(SIZE, place.resource(name))
        before = item.original if item else {"min": group.min_size, "max": group.max_size, "desired": group.desired}
        load = max(serving.desired, len(serving.in_service)) if serving else 0
        size = max(before.get("desired", group.desired), load)
        says = f"min of {name} held at {size} instead of {before['min']}"
        context.borrow(SIZE, place.resource(name), before, says=says)
        top = max(size, group.max_size)
        autoscaling.update_group(place.target, name, min_size=size, max_size=top, desired=size)
        change = resized(place, name, sizes(group), {"min": size, "max": top, "desired": size})
        return Done(f"desired {group.desired} → {size}", changes=(change,))
