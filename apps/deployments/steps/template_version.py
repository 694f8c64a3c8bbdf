"""Creating the launch template version that the next group launches: the serving one's, with another AMI."""

from __future__ import annotations

from apps.cloud.aws import ec2
from apps.cloud.errors import NotFound
from apps.deployments.digests import digests
from apps.deployments.place import APPEARS_WITHIN, Place
from apps.deployments.steps.base import CloudStep, pause
from apps.deployments.user_data import PARAM as USER_DATA
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait


def mark(token: str) -> str:
    """The description by which the version is found again."""
    return f"deployconsole {token}"


@register
class CreateTemplateVersion(CloudStep):
    slug = "create-template-version"
    calls = (
        "ec2:CreateLaunchTemplateVersion",
        "ec2:DeleteLaunchTemplateVersions",
        "ec2:DescribeLaunchTemplateVersions",
    )
    undo_title = "Delete the new launch template version"

    def act(self, context: Context, place: Place) -> Outcome:
        params = context.params
        made = ec2.create_launch_template_version(
            place.target,
            params["template"],
            source_version=params["source_version"],
            image_id=params["image"],
            client_token=params["token"],  # a repeat is answered with the version already made
            description=mark(params["token"]),
            user_data=params.get(USER_DATA, ""),
        )
        lost = sorted(params["members"].items() - digests(made.data).items())
        if made.image_id != params["image"] or lost:
            names = ", ".join(member for member, _ in lost) or "ImageId"
            return Failed(f"Version {made.version} of {made.name} did not come out as asked: {names} differs.")
        summary = f"Version {made.version} of launch template {made.name} created, with {made.image_id}"
        change = place.change("template_version_created", made.name, summary, after={"version": made.version})
        return Done(f"version {made.version} of {made.name}", {"template_version": made.version}, (change,))

    def revert(self, context: Context, place: Place) -> Outcome:
        template, token = context.params["template"], context.params["token"]
        try:
            versions = ec2.describe_launch_template_versions(place.target, template)
        except NotFound:
            return Done("The launch template is gone.")
        ours = {version.version for version in versions if version.description == mark(token)}
        ours |= {context.facts["template_version"]} if "template_version" in context.facts else set()
        if not ours:
            if context.elapsed < APPEARS_WITHIN:
                return Wait(pause(context), "Making sure that no launch template version was made.")
            return Done("no version was made")
        ec2.delete_launch_template_versions(place.target, template, sorted(ours))
        says = f"deleted version {', '.join(map(str, sorted(ours)))}"
        change = place.change("template_version_deleted", template, f"Launch template {template}: {says}")
        return Done(says, changes=(change,))
