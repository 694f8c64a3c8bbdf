"""What may launch an AMI, beside what `ec2` and `autoscaling` tell."""

from __future__ import annotations

from apps.cloud.aws.session import pages
from apps.cloud.values import Target

SERVICE = "autoscaling"
PAGE = 100  # the most launch configurations one call answers


def configured_images(target: Target) -> dict[str, str]:
    """The AMI of each launch configuration of the region, by its name."""
    answers = pages(target, SERVICE, "DescribeLaunchConfigurations", MaxRecords=PAGE)
    return {
        str(shape["LaunchConfigurationName"]): str(shape.get("ImageId", ""))
        for answer in answers
        for shape in answer["LaunchConfigurations"]
    }
