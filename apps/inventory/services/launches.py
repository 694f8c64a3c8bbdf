"""What groups launch: their template versions, read once each, since a version never changes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from apps.cloud.aws import ec2
from apps.cloud.errors import CloudError
from apps.cloud.values import GroupState, InstanceState, LaunchTemplateRef
from apps.cloud.values import LaunchTemplateVersion as VersionState
from apps.inventory.models import Environment, Group, LaunchTemplate, LaunchTemplateVersion
from apps.inventory.services.rows import template_of

ONE_BY_ONE = 20  # templates asked by name in one round; with more unknown, all of the region's newest come first

Numbered = tuple[str, int]  # template id, version


@dataclass(frozen=True)
class Launch:
    """What a group launches, as far as it is known."""

    image_id: str = ""
    instance_type: str = ""


def refs_of(groups: Iterable[GroupState]) -> list[LaunchTemplateRef]:
    """The template versions that these groups launch."""
    return [ref for group in groups if (ref := template_of(group))]


def refs_stored(environment: Environment, region: str) -> list[LaunchTemplateRef]:
    """The template versions that the region's groups launch, as their rows tell."""
    named = _launching(environment, region).values_list(
        "launch_template_id", "launch_template_name", "launch_template_version"
    )
    return [LaunchTemplateRef(*each) for each in named.order_by().distinct()]


def learn_versions(environment: Environment, region: str, refs: Iterable[LaunchTemplateRef]) -> None:
    """Reads those of the template versions that no table row tells yet; a few calls at most.

    What cannot be read now (the template was deleted, we may not see it) is tried again by the next round.
    """
    refs = list(refs)
    unknown = _unknown(environment, region, refs)
    target = environment.target(region)
    if len({template for template, _ in unknown}) > ONE_BY_ONE:
        keep_versions(environment, region, ec2.describe_newest_versions(target))
        unknown = _unknown(environment, region, refs)
    wanted: dict[str, list[int]] = defaultdict(list)
    for template, version in sorted(unknown):
        wanted[template].append(version)
    for template, versions in list(wanted.items())[:ONE_BY_ONE]:
        try:
            found = ec2.describe_launch_template_versions(target, template, versions)
        except CloudError:
            continue
        keep_versions(environment, region, found)


def launches(
    environment: Environment, region: str, groups: Iterable[GroupState], instances: Iterable[InstanceState]
) -> dict[str, Launch]:
    """What each group launches, by name: from its template's version, else as most of its instances are."""
    named = {group.name: template_of(group) for group in groups}
    known = _told(environment, region, [ref for ref in named.values() if ref])
    seen = _of_instances(instances)
    answers = {}
    for name, ref in named.items():
        of_template = known.get(ref, Launch()) if ref else Launch()
        of_instances = seen.get(name, Launch())
        answers[name] = Launch(
            of_template.image_id or of_instances.image_id, of_template.instance_type or of_instances.instance_type
        )
    return answers


def write_launches(environment: Environment, region: str) -> int:
    """Tells each group's row what is known by now of the version it launches; rows written. Call within `writing`."""
    groups = list(_launching(environment, region))
    named = {
        group.pk: LaunchTemplateRef(group.launch_template_id, group.launch_template_name, group.launch_template_version)
        for group in groups
    }
    known = _told(environment, region, named.values())
    changed = []
    for group in groups:
        told = known.get(named[group.pk], Launch())
        now = Launch(told.image_id or group.image_id, told.instance_type or group.instance_type)
        if now != Launch(group.image_id, group.instance_type):
            group.image_id, group.instance_type = now.image_id, now.instance_type
            changed.append(group)
    Group.objects.bulk_update(changed, ["image_id", "instance_type"], batch_size=500)
    return len(changed)


def _launching(environment: Environment, region: str) -> QuerySet[Group]:
    here = Group.objects.filter(environment=environment, region=region, gone_at__isnull=True)
    return here.exclude(launch_template_id="")


def _told(environment: Environment, region: str, refs: Iterable[LaunchTemplateRef]) -> dict[LaunchTemplateRef, Launch]:
    """What those versions launch of which a row tells; an AMI that is named by a parameter is left out."""
    numbers = _numbers(environment, region, refs)
    rows = LaunchTemplateVersion.objects.filter(
        environment=environment, region=region, template_id__in={template for template, _ in numbers.values()}
    )
    known = {
        (template, version): Launch(image if image.startswith("ami-") else "", kind)
        for template, version, image, kind in rows.values_list("template_id", "version", "image_id", "instance_type")
    }
    return {ref: known[number] for ref, number in numbers.items() if number in known}


def _numbers(
    environment: Environment, region: str, refs: Iterable[LaunchTemplateRef]
) -> dict[LaunchTemplateRef, Numbered]:
    """The number each reference stands for; `$Latest` and `$Default` by the templates' rows."""
    refs = set(refs)
    numbers = {ref: (ref.id, int(ref.version)) for ref in refs if ref.version.isdecimal()}
    floating = {ref for ref in refs if ref not in numbers}
    if floating:
        rows = LaunchTemplate.objects.filter(
            environment=environment, region=region, template_id__in={ref.id for ref in floating}
        )
        versions = {
            template: {"$Default": default, "$Latest": latest}
            for template, default, latest in rows.values_list("template_id", "default_version", "latest_version")
        }
        for ref in floating:
            number = versions.get(ref.id, {}).get(ref.version)
            if number is not None:
                numbers[ref] = (ref.id, number)
    return numbers


def _unknown(environment: Environment, region: str, refs: Iterable[LaunchTemplateRef]) -> set[Numbered]:
    wanted = set(_numbers(environment, region, refs).values())
    rows = LaunchTemplateVersion.objects.filter(
        environment=environment, region=region, template_id__in={template for template, _ in wanted}
    )
    return wanted - set(rows.values_list("template_id", "version"))


def keep_versions(environment: Environment, region: str, versions: Iterable[VersionState]) -> None:
    """Writes a row of each version that has none; nothing of a version ever changes."""
    LaunchTemplateVersion.objects.bulk_create(
        [
            LaunchTemplateVersion(
                environment=environment,
                region=region,
                template_id=version.id,
                version=version.version,
                image_id=version.image_id,
                instance_type=version.instance_type,
                description=version.description,
                created_at=version.created_at,
            )
            for version in versions
        ],
        ignore_conflicts=True,
    )


def _of_instances(instances: Iterable[InstanceState]) -> Mapping[str, Launch]:
    counts: dict[str, Counter[Launch]] = defaultdict(Counter)
    for instance in instances:
        if instance.group:
            counts[instance.group][Launch(instance.image_id, instance.instance_type)] += 1
    return {group: counter.most_common(1)[0][0] for group, counter in counts.items()}
