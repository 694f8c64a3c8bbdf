"""Taking one instance that a person named out of its group, once nothing is lost by it: ended, or running on alone."""

from __future__ import annotations

from typing import ClassVar

from apps.cloud.aws import autoscaling
from apps.deployments import guard
from apps.deployments.place import APPEARS_WITHIN, LookAgain, Place, existing, find
from apps.deployments.replacement import in_standby
from apps.deployments.steps.base import READ_GROUPS, READ_HEALTH, READ_RULES, CloudStep, pause, tell
from apps.deployments.steps.end_instance import CLOCK, end, is_ending, is_there, once
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait


@register
class TerminateInstance(CloudStep):
    """Ends when the instance is no longer in its group."""

    slug = "terminate-instance"
    calls = (*READ_GROUPS, *READ_HEALTH, *READ_RULES, "autoscaling:TerminateInstanceInAutoScalingGroup")
    clocks = CloudStep.clocks | {CLOCK}
    done: ClassVar[str] = "terminated"  # as the event's kind and words have it

    def act(self, context: Context, place: Place) -> Outcome:
        name, instance, shrink = (context.params[key] for key in ("group", "instance", "shrink"))
        group = existing(context, place, name)
        if not is_there(group, instance) and instance in context.memory.get("ending", ()):
            self._tell(context, place)
        shown = next((member for member in group.members if member.id == instance), None)
        if shown is None:
            return Done(f"{instance} is gone")
        if shown.lifecycle_state.startswith("Terminating:Wait"):
            return Done(f"{instance} is out of service; a lifecycle hook of {name} holds its end")
        if is_ending(context, group, instance):
            return Wait(pause(context), f"{instance} of {name} is being {self.done}.")
        if shrink and in_standby(shown):
            return Failed(f"{instance} was put in Standby meanwhile: one that serves would go with it.")
        other = context.params.get("other")
        carried = find(context, place, other).get(other) if other else None
        load = max(group.desired - 1 if shrink else group.desired, 1) + (carried.desired if carried else 0)
        held = guard.hold_back(context, place, guard.Loss(group, frozenset({instance}), carried_by=carried, load=load))
        if held:
            return Wait(pause(context), held)
        self.take_out(context, place)
        self._tell(context, place)
        return Wait(pause(context), f"{instance} of {name} is being {self.done}.")

    def _tell(self, context: Context, place: Place) -> None:
        name, instance, shrink = (context.params[key] for key in ("group", "instance", "shrink"))
        then = "the group is smaller by one" if shrink else "another takes its place"
        words = f"{instance} of {name} {self.done}; {then}"
        tell(context, place.change(f"instance_{self.done}", name, words, before={"instance": instance}))

    def take_out(self, context: Context, place: Place) -> None:
        end(context, place, context.params["instance"], shrink=context.params["shrink"])

    def revert(self, context: Context, place: Place) -> Outcome:
        name, instance = context.params["group"], context.params["instance"]
        if instance not in context.memory.get("ending", ()):
            return Done(f"nothing was {self.done}")
        group = find(context, place, name).get(name)
        if group and not group.status and is_there(group, instance):
            if context.elapsed < APPEARS_WITHIN:
                raise LookAgain(f"{instance} is shown as it was; making sure whether it is being {self.done}.")
            return Done(f"nothing was {self.done}")
        if not context.memory.get("all_told"):
            self._tell(context, place)
        return Failed(f"{instance} was {self.done}, which nothing brings back.")


@register
class DetachInstance(TerminateInstance):
    """The instance runs on, outside of its group and of what sends that traffic."""

    slug = "detach-instance"
    calls = (*READ_GROUPS, *READ_HEALTH, *READ_RULES, "autoscaling:DetachInstances")
    done = "detached"

    def take_out(self, context: Context, place: Place) -> None:
        name, instance, shrink = (context.params[key] for key in ("group", "instance", "shrink"))
        target = place.target
        once(context, instance, lambda: autoscaling.detach_instance(target, name, instance, decrement=shrink))
