"""The next group comes up without any traffic, and stands by: it is given some by hand."""

from __future__ import annotations

from functools import partial

from apps.deployments import drivers
from apps.deployments.kept import end_kept, keep
from apps.deployments.place import APPEARS_WITHIN, LookAgain, Place, existing
from apps.deployments.steps.base import READ_GROUPS, CloudStep
from apps.deployments.steps.by_driver import DriverStep
from apps.deployments.steps.hold import HOLD, hold
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Outcome


@register
class WithholdTraffic(DriverStep):
    """Before the group has an instance; what it would have had its traffic from is kept in the ledger."""

    slug = "withhold-traffic"
    calls = READ_GROUPS

    def act(self, context: Context, place: Place) -> Outcome:
        return drivers.of(context).withhold(context, place, context.params["group"], context.params["stays"])


@register
class StandBy(CloudStep):
    """The group is held at its size, with its own min and max, until it has traffic or the next push deletes it."""

    slug = "stand-by"
    calls = (*READ_GROUPS, *HOLD, "autoscaling:UpdateAutoScalingGroup")

    def act(self, context: Context, place: Place) -> Outcome:
        name = context.params["group"]
        group = existing(context, place, name)
        context.remember(arn=group.arn)
        if group.desired < context.params["size"] and context.elapsed < APPEARS_WITHIN:
            raise LookAgain(f"Waiting until AWS shows {name} with its size again.")
        hold(context, place, group)
        change = place.change("kept", name, f"{name} stands by until the next push")
        return Done(changes=(change,), also=(partial(keep, context.run_id, name, group.arn, None),))

    def revert(self, context: Context, place: Place) -> Outcome:
        """What is held goes with the group."""
        del place
        return Done(also=(partial(end_kept, context.memory["arn"]),) if "arn" in context.memory else ())
