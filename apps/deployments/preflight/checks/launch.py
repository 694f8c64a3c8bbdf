"""Whether an instance of the launch template would start with the image: a dry run by EC2 itself."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.aws import launching
from apps.cloud.errors import CloudError, Denied
from apps.deployments.errors import Finding, overridable
from apps.deployments.preflight.base import Looked, check
from apps.deployments.preflight.checks.addresses import subnets

MAY_NOT_LAUNCH = overridable("may-not-launch")


@check("launch", "whether the launch template would start an instance", first=True)
def would_start(looked: Looked) -> Iterator[Finding]:
    """Refuses what EC2 would refuse: a key pair or security group that is gone, an image that the account may not use.

    A launch that the role may not make is refused too, as AWS asks for the permission in the name of Auto Scaling.
    """
    image, template = looked.situation.image, looked.template
    if image is None:
        return
    where = next((subnet.id for subnet in subnets(looked)), "")
    first = looked.types[0] if looked.types else ""
    other = first if first != template.instance_type else ""
    try:
        launching.try_launch(looked.target, template, image.id, subnet=where, instance_type=other)
    except Denied as error:
        text = (
            f"The console's role may not launch from {template.name}: {error} "
            "Allow ec2:RunInstances, and iam:PassRole for an instance profile."
        )
        yield Finding("refuse", MAY_NOT_LAUNCH, text, "ec2:RunInstances")
    except CloudError as error:
        if error.retryable:
            raise
        version = f"Version {template.version} of {template.name}" if template.id else template.name
        text = f"{version} with {image.id} would not start: {error} Mend it first."
        yield Finding("refuse", "would-not-launch", text, "LaunchTemplate")
