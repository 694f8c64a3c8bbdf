"""The first group of a cluster: told who it is by its application's template, and judged, as by any later push.

Pushes are planned from a group that serves. Here none does, so one is supposed, of the network and sizes asked for.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils import timezone

from apps.cloud.aws import ec2
from apps.cloud.errors import Invalid as CloudInvalid
from apps.cloud.naming import next_group_name
from apps.cloud.values import GroupState, ImageState, LaunchTemplateVersion, Target
from apps.deployments import user_data
from apps.deployments.errors import Finding, Invalid
from apps.deployments.preflight import checked, first_findings
from apps.deployments.preflight.checks.user_data import unmade
from apps.deployments.requests import Preview
from apps.deployments.scaffold.kinds.base import At
from apps.deployments.scaffold.kinds.launch_template import data_of
from apps.deployments.scaffold.looking import Looked, look, same_version
from apps.deployments.scaffold.parts import FIRST_VERSION, Cut, group_part, template_part, version_part
from apps.deployments.situation import Situation
from apps.inventory.models import Cluster
from apps.inventory.selectors.user_data import user_data_template
from apps.inventory.user_data import Unrenderable

SAME_VERSION, NEW_VERSION = "same-version", "new-version"
# whose option a finding is about, where a push would say which member of AWS's
OPTIONS = {
    "InstanceType": "options.instance_type",
    "LaunchTemplate": "options.image",
    "VPCZoneIdentifier": "options.subnets",
    "fewest_instances": "options.min",
    "fewest_zones": "options.subnets",
    "image": "options.image",
}


@dataclass(frozen=True)
class First:
    """A first group to be; `situation` supposes a group that serves without instances, and has the cluster's name."""

    name: str
    image: ImageState
    situation: Situation
    other_application: bool = False  # its image is meant although its tag names another

    @property
    def user_data(self) -> str | None:
        """What the application's template makes for it; None where it has none, or that makes nothing here."""
        try:
            return user_data.made(self.situation, self.name)
        except Unrenderable:
            return None

    @property
    def findings(self) -> Iterator[Finding]:
        """What the situation alone says of it."""
        yield from map(_of_option, first_findings(self.situation, other_application=self.other_application))
        template = self.situation.user_data
        try:
            user_data.made(self.situation, self.name)
        except Unrenderable as error:
            if template:
                yield unmade(template, error)


def first(cluster: Cluster, cut: Cut, image: ImageState) -> First:
    """The first group as it is asked for. Raises Invalid naming the option that is wrong, CloudError."""
    wishes = cut.wishes
    _refuse_unknown_type(cut.target, wishes.instance_type)
    template = user_data_template(cluster.application_id)
    if template and wishes.user_data:
        text = f"{cluster.application} has a user data template, version {template.number}, which its first group gets "
        raise Invalid({"options.user_data": [f"{text}as all others. Leave this out, or write it into the template."]})
    now = timezone.now()
    supposed = GroupState(
        name=cut.cluster,
        arn="",
        created_at=now,
        min_size=wishes.min,
        max_size=wishes.max,
        desired=wishes.min,
        zones=tuple(sorted({each.zone for each in cut.network.subnets})),
        raw={"VPCZoneIdentifier": ",".join(cut.subnets)},
    )
    situation = Situation(
        environment=cut.environment,
        region=cut.target.region,
        cluster=cut.cluster,
        read_at=now,
        groups=(supposed,),
        serving=(supposed.name,),
        image=image,
        template=LaunchTemplateVersion("", cut.cluster, 0, "", wishes.instance_type, "", now),
        account=cluster.environment.account_id,
        user_data=template,
    )
    return First(next_group_name(cut.cluster, (), None), image, situation, wishes.other_application)


def looked_for(cut: Cut, group: First, ids: dict[str, str]) -> Iterator[Looked]:
    """Its parts, which come last: a version of the launch template only where none that stands is just what is asked.

    `ids` are those of the parts before, and gathers these. Raises CloudError.
    """
    text = cut.wishes.user_data if group.situation.user_data is None else group.user_data or ""
    template = template_part(cut, text, _said_of(cut, group))
    yield from look(cut.target, [template], ids)
    version = FIRST_VERSION
    if template.key in ids:
        another = version_part(cut, template, uuid.uuid4().hex)
        same = same_version(At(cut.target, another.name, another.settings, ids))
        version = str(same) if same else another.key
        if not same:
            yield from look(cut.target, [another], ids)
    yield from look(cut.target, [group_part(cut, group.name, template, version)], ids)


def found_of_version(parts: list[Looked]) -> Iterator[Finding]:
    """Which version of a launch template that stands already the group launches."""
    by_noun = {each.part.noun: each for each in parts}
    template, group = by_noun["launch-template"], by_noun["group"]
    name, version = template.part.name, group.part.settings["version"]
    if template.seen is None:
        return
    if "launch-template-version" in by_noun:
        text = f"No version of the launch template {name} launches just what is asked for: a new one is made of it."
        yield Finding("note", NEW_VERSION, text, name)
    else:
        text = f"Version {version} of the launch template {name} launches just what is asked for, and is taken."
        yield Finding("note", SAME_VERSION, text, name)


def judged(cluster: Cluster, group: First, template: Looked, preview: Preview) -> Preview:
    """The preview with what pre-flight, as of a push, finds of the group. Raises nothing of AWS: see `checked`."""
    supposed = group.situation.template
    if supposed is None:
        return preview
    given = replace(group.situation, template=replace(supposed, data=data_of(template.at)))
    found = checked(cluster, given, preview, first=True)
    before = len(preview.findings)
    return replace(found, findings=(*preview.findings, *map(_of_option, found.findings[before:])))


def _said_of(cut: Cut, group: First) -> str:
    if group.situation.user_data is None:
        size = len(cut.wishes.user_data.encode())
        return f"; UserData as given, {size} bytes" if size else ""
    return user_data.words(group.situation, group.name)


def _of_option(finding: Finding) -> Finding:
    return replace(finding, subject=OPTIONS.get(finding.subject, finding.subject))


def _refuse_unknown_type(target: Target, name: str) -> None:
    try:
        ec2.type_facts(target, [name])
    except CloudInvalid as error:
        raise Invalid({"options.instance_type": [f"There is no instance type {name} in {target.region}."]}) from error
