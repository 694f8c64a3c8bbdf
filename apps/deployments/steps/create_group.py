"""Creating the next group at size 0, with everything inherited; its undo deletes it once nobody needs it."""

from __future__ import annotations

from apps.cloud.aws import autoscaling
from apps.cloud.errors import AlreadyExists
from apps.cloud.values import GroupSpec, GroupState
from apps.deployments import guard
from apps.deployments.health import drained
from apps.deployments.ledger import void
from apps.deployments.steps.base import CloudStep, Place, groups, health, pause
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait

RUN_TAG = "deployconsole:run"  # whose a group is
APPEARS_WITHIN = 15.0  # seconds until a group whose creation was not answered is surely shown, if it was created


@register
class CreateGroup(CloudStep):
    slug = "create-group"

    def act(self, context: Context, place: Place) -> Outcome:
        name = context.params["group"]
        void(context, place.resource(name))  # of a group of this name that somebody else deleted
        try:
            autoscaling.create_group(place.target, self._spec(context, name))
        except AlreadyExists:
            found = groups(place, name).get(name)
            if found is None:
                return Wait(pause(context), f"AWS says {name} exists, but does not show it yet.")
            if not _ours(found, context):
                return Failed(f"Somebody else created {name} meanwhile; it is left alone.")
        like = context.params["replaces"]
        change = place.change("created", name, f"{name} created like {like}, at size 0", after={"desired": 0})
        return Done(facts={"created": name}, changes=(change,))

    def revert(self, context: Context, place: Place) -> Outcome:
        name = context.params["group"]
        found = groups(place, name).get(name)
        if found is None:
            if context.facts.get("created") != name and context.elapsed < APPEARS_WITHIN:
                return Wait(pause(context), f"Making sure that {name} was not created after all.")
            return Done(f"{name} is gone", changes=(place.change("deleted", name, f"{name} deleted again"),))
        if not _ours(found, context):
            return Done(f"{name} is not ours and is left alone")
        return self._remove(context, place, found)

    def _remove(self, context: Context, place: Place, group: GroupState) -> Outcome:
        if group.status:
            return Wait(pause(context), f"{len(group.members)} instances of {group.name} are being terminated.")
        unsafe = guard.needed(place, group, context.params["replaces"])
        if unsafe:
            return Wait(pause(context), unsafe)
        if group.traffic_sources:
            context.remember(detached=list(group.target_groups), members=[member.id for member in group.members])
            autoscaling.detach(place.target, group.name, group.traffic_sources)
            return Wait(pause(context), f"Taking {group.name} out of its target groups.")
        gone, listed = drained(context.memory.get("members", ()), health(place, context.memory.get("detached", ())))
        if gone < listed:
            return Wait(pause(context), f"{gone} of {listed} instances of {group.name} are drained.")
        autoscaling.delete_group(place.target, group.name, force=True)
        return Wait(pause(context), f"{group.name} is being deleted.")

    def _spec(self, context: Context, name: str) -> GroupSpec:
        given = context.params["parameters"]
        version = str(context.facts["template_version"])
        tag = {"Key": RUN_TAG, "Value": str(context.run_id), "PropagateAtLaunch": False}
        template = {**given["LaunchTemplate"], "Version": version}
        return GroupSpec(name, {**given, "LaunchTemplate": template, "Tags": [*given["Tags"], tag]})


def _ours(group: GroupState, context: Context) -> bool:
    return group.tags.get(RUN_TAG) == str(context.run_id)
