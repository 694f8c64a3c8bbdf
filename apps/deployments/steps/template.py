"""Creating a launch template out of the launch configuration of the serving group, with another AMI."""

from __future__ import annotations

from apps.cloud.aws import ec2, scaling
from apps.cloud.errors import AlreadyExists
from apps.cloud.tags import RUN_TAG
from apps.deployments import user_data
from apps.deployments.carry.configuration import template_data
from apps.deployments.digests import digests
from apps.deployments.place import APPEARS_WITHIN, LookAgain, Place
from apps.deployments.steps.base import CloudStep, attempt, pause
from apps.deployments.steps.template_version import mark
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait


@register
class CreateTemplate(CloudStep):
    slug = "create-template"
    calls = (
        "autoscaling:DescribeLaunchConfigurations",
        "ec2:CreateLaunchTemplate",
        "ec2:CreateTags",
        "ec2:DeleteLaunchTemplate",
        "ec2:DescribeLaunchTemplates",
    )
    undo_title = "Delete the new launch template"

    def act(self, context: Context, place: Place) -> Outcome:
        name, image, token = (context.params[key] for key in ("template", "image", "token"))
        configuration = context.params["configuration"]
        described = scaling.describe_launch_configuration(place.target, configuration)
        data = template_data(described) if described else {}
        if digests(data) != context.params["members"]:
            return Failed(f"{configuration} is no longer the launch configuration that this push was planned with.")
        tags = {RUN_TAG: str(context.run_id)}
        try:  # a repeat with the same token is answered with the template already made
            made = ec2.create_launch_template(
                place.target,
                name,
                {**data, **user_data.member(context.params), "ImageId": image},
                client_token=token,
                description=mark(token),
                tags=tags,
            )
        except AlreadyExists:
            found = ec2.find_launch_template(place.target, name)
            if found is None:
                return Wait(pause(context), f"AWS says the launch template {name} exists, but does not show it yet.")
            if found.tags.get(RUN_TAG) != str(context.run_id):
                return Failed(f"Somebody else created the launch template {name} meanwhile; it is left alone.")
            made = found
        summary = f"Launch template {name} created out of the launch configuration {configuration}, with {image}"
        change = place.change("template_created", name, summary, after={"template": made.id})
        return Done(f"launch template {name}", {"template": made.id, "template_version": 1}, (change,))

    def revert(self, context: Context, place: Place) -> Outcome:
        name, deleted = context.params["template"], context.memory.get("deleted")
        change = place.change("template_deleted", name, f"launch template {name} deleted again", {"template": deleted})
        found = ec2.find_launch_template(place.target, name)
        if found is None:
            if not deleted and context.elapsed < APPEARS_WITHIN:  # AWS may only be late to show it
                return Wait(pause(context), f"Making sure that no launch template {name} is left.")
            says = f"launch template {name} deleted again" if deleted else f"there was no launch template {name}"
            return Done(says, changes=(change,) if deleted else ())
        owner = found.tags.get(RUN_TAG)
        if owner is None and found.id != context.facts.get("template") and context.elapsed < APPEARS_WITHIN:
            raise LookAgain(f"Launch template {name} stands; making sure of who created it.")
        if str(context.run_id) != owner and found.id != context.facts.get("template"):
            return Done(f"{name} is not ours and is left alone")
        context.remember(deleted=found.id)
        says = f"Launch template {name} is being deleted."
        return attempt(context, lambda: ec2.delete_launch_template(place.target, found.id), says)
