"""What becomes of a group out of traffic: kept for a rollback, or deleted."""

from __future__ import annotations

from apps.cloud.aws import autoscaling, elbv2
from apps.cloud.values import GroupState
from apps.deployments.kept import end_kept, keep
from apps.deployments.ledger import void
from apps.deployments.steps.base import CloudStep, Place, groups, health, pause
from apps.inventory.selectors.serving import serving_groups
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Outcome, Wait


@register
class KeepGroup(CloudStep):
    slug = "keep-group"

    def act(self, context: Context, place: Place) -> Outcome:
        name, hours = context.params["group"], context.params["hours"]
        keep(context.run_id, name, context.params["arn"], hours)
        until = f"for {hours:g} h" if hours else "until the next push"
        return Done(changes=(place.change("kept", name, f"{name} kept for a rollback, {until}"),))

    def revert(self, context: Context, place: Place) -> Outcome:
        end_kept(context.params["arn"])
        return Done()


@register
class DeleteGroup(CloudStep):
    """Deletes a group that stood by. One that serves again is somebody's wish, and is left alone."""

    slug = "delete-group"

    def act(self, context: Context, place: Place) -> Outcome:
        name, arn = context.params["group"], context.params["arn"]
        group = groups(place, name).get(name)
        if group is None or (arn and group.arn != arn):
            return self._gone(context, place, name, arn)
        if group.status:
            return Wait(pause(context), f"{len(group.members)} instances of {name} are being terminated.")
        if group.traffic_sources and self._serves(place, group):
            end_kept(arn)
            return Done(f"{name} takes traffic again, so it was left alone")
        autoscaling.delete_group(place.target, name, force=True)
        return Wait(pause(context), f"{name} is being deleted.")

    def _serves(self, place: Place, group: GroupState) -> bool:
        targets = [target for listed in health(place, group.target_groups).values() for target in listed]
        return bool(serving_groups([group], elbv2.rules_for(place.target, group.target_groups), targets))

    def _gone(self, context: Context, place: Place, name: str, arn: str) -> Outcome:
        end_kept(arn)
        void(context, place.resource(name))
        return Done(f"{name} is gone", changes=(place.change("deleted", name, f"{name} deleted"),))
