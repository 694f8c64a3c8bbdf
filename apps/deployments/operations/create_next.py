"""The next group beside the one that serves, without traffic: what a push does up to there, by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from apps.cloud.naming import NamingError
from apps.cloud.values import GroupState
from apps.deployments import user_data
from apps.deployments.carry import settings
from apps.deployments.errors import Finding, Invalid
from apps.deployments.operations.base import Operation, register
from apps.deployments.operations.danger import Danger
from apps.deployments.preflight import push_findings
from apps.deployments.preflight.checks.image import SAME_IMAGE
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation, version_of
from apps.deployments.strategies import carrying
from apps.deployments.strategies.next_group import NextGroup
from apps.deployments.strategies.next_group_options import NextGroupOptions
from apps.workflows.counting import instances
from apps.workflows.options import option


@dataclass(frozen=True)
class Next:
    """An empty one is as it is of the group that serves."""

    image: str = option("", "Image", "The AMI, as ami-0123456789abcdef0; empty: the one that serves now.")
    size: int | None = option(
        None, "Size", "How many instances; empty: as many as serve now.", minimum=1, maximum=10_000
    )
    healthy_within_seconds: int = option(
        900,
        "Healthy within",
        "When not every instance is in service by then, the new group is deleted again.",
        minimum=10,
        maximum=86_400,
        unit="seconds",
    )
    other_application: bool = option(
        False, "Another application's image", "Take it although its tag names another application."
    )


def plan(situation: Situation, group: GroupState, options: Next) -> Preview:
    """It is made like the group that serves, comes up beside it and stands by."""
    version = version_of(situation.image)
    preview = Preview(f"Create the next group of {situation.cluster} with {version}", (), from_group=group.name)
    said = push_findings(situation, other_application=options.other_application)
    findings = (*_against(situation, group), *(each for each in said if options.image or each.code != SAME_IMAGE))
    serving, template = situation.serving_group, situation.template
    if serving != group or serving is None or template is None or situation.image is None:
        return replace(preview, findings=findings)
    chosen = NextGroupOptions(
        margin_percent=0.0,
        healthy_within_seconds=options.healthy_within_seconds,
        other_application=options.other_application,
    )
    try:
        builder = NextGroup(situation, chosen, serving, template, _size(serving, options.size))
    except NamingError as error:
        return replace(preview, findings=(*findings, Finding("refuse", "no-name", str(error))))
    return replace(
        preview,
        sentence=f"Create {builder.name} with {version} beside {group.name}, {instances(builder.new_size)}, no traffic",
        steps=tuple(builder.stand_by()),
        findings=(*findings, *carrying.findings(situation), *_unchecked(builder)),
        to_group=builder.name,
        from_version=version_of(situation.from_image),
        to_version=version,
        from_image=situation.from_image.id if situation.from_image else template.image_id[:32],
        to_image=situation.image.id,
        from_size=builder.new_size,  # the group that serves keeps what it has
        to_size=builder.new_size,
        user_data=user_data.change(situation, builder.name),
    )


def _size(serving: GroupState, asked: int | None) -> int:
    """As many as serve, or as are asked for. Raises Invalid for what the group's own min and max would not let be."""
    least, most = max(serving.min_size, 1), serving.max_size
    if asked is not None and not least <= asked <= most:
        text = (
            f"{asked} is not within the group's min and max, {least} to {most}, which are as those of {serving.name}."
        )
        raise Invalid({"options.size": [text]})
    return max(len(serving.in_service), least) if asked is None else asked


def _against(situation: Situation, group: GroupState) -> Iterator[Finding]:
    if group.name not in situation.serving:
        text = f"{group.name} does not serve, and the next group is made like the one that does. Ask it of that one."
        yield Finding("refuse", "not-serving", text, group.name)


def _unchecked(builder: NextGroup) -> Iterator[Finding]:
    _, later = settings.suspended(builder.serving)
    if later:
        names, old, new = ", ".join(later), builder.serving.name, builder.name
        text = f"{names} is suspended on {old}, and runs on {new} until you suspend it."
        yield Finding("warn", "not-suspended", text, builder.name)
    if not builder.driver.exact:
        text = (
            f"Nothing checks whether {builder.name} is healthy while it stands by: no target group knows it. "
            "Giving it traffic waits until it is."
        )
        yield Finding("warn", "unchecked", text, builder.name)


register(
    Operation(
        "create-next",
        "Create the next group",
        "Starts the next group beside this one, without traffic; it stands by until it is given some.",
        Next,
        plan,
        launches=True,
        danger=Danger.LITTLE,
    )
)
