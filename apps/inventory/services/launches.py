"""What groups launch: their template versions, read once each, since a version never changes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apps.cloud.aws import ec2
from apps.cloud.errors import CloudError
from apps.cloud.values import GroupState, InstanceState, LaunchTemplateRef
from apps.cloud.values import LaunchTemplateVersion as VersionState
from apps.inventory.models import Environment, LaunchTemplate, LaunchTemplateVersion
from apps.inventory.services.rows import template_of

ONE_BY_ONE = 20  # templates asked by name in one sync; with more unknown, all of the region's newest come first

Numbered = tuple[str, int]  # template id, version


@dataclass(frozen=True)
class Launch:
    """What a group launches, as far as it is known."""

    image_id: str = ""
    instance_type: str = ""


def learn_versions(environment: Environment, region: str, groups: Iterable[GroupState]) -> None:
    """Reads the template versions the groups name that no table row tells yet; a few calls at most.

    What cannot be read now (the template was deleted, we may not see it) is tried again by the next sync.
    """
    unknown = _unknown(environment, region, groups)
    target = environment.target(region)
    if len({template for template, _ in unknown}) > ONE_BY_ONE:
        _keep(environment, region, ec2.describe_newest_versions(target))
        unknown = _unknown(environment, region, groups)
    wanted: dict[str, list[int]] = defaultdict(list)
    for template, version in sorted(unknown):
        wanted[template].append(version)
    for template, versions in list(wanted.items())[:ONE_BY_ONE]:
        try:
            found = ec2.describe_launch_template_versions(target, template, versions)
        except CloudError:
            continue
        _keep(environment, region, found)


def launches(
    environment: Environment, region: str, groups: Iterable[GroupState], instances: Iterable[InstanceState]
) -> dict[str, Launch]:
    """What each group launches, by name: from its template's version, else as most of its instances are."""
    named = {group.name: template_of(group) for group in groups}
    numbers = _numbers(environment, region, [ref for ref in named.values() if ref])
    templates = {ref.id for ref in named.values() if ref}
    rows = LaunchTemplateVersion.objects.filter(environment=environment, region=region, template_id__in=templates)
    known = {
        (template, version): Launch(image, kind)
        for template, version, image, kind in rows.values_list("template_id", "version", "image_id", "instance_type")
    }
    seen = _of_instances(instances)
    answers = {}
    for name, ref in named.items():
        of_template = known.get(numbers[ref], Launch()) if ref and ref in numbers else Launch()
        of_instances = seen.get(name, Launch())
        image = of_template.image_id if of_template.image_id.startswith("ami-") else ""
        answers[name] = Launch(image or of_instances.image_id, of_template.instance_type or of_instances.instance_type)
    return answers


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


def _unknown(environment: Environment, region: str, groups: Iterable[GroupState]) -> set[Numbered]:
    refs = [ref for group in groups if (ref := template_of(group))]
    wanted = set(_numbers(environment, region, refs).values())
    rows = LaunchTemplateVersion.objects.filter(
        environment=environment, region=region, template_id__in={template for template, _ in wanted}
    )
    return wanted - set(rows.values_list("template_id", "version"))


def _keep(environment: Environment, region: str, versions: Iterable[VersionState]) -> None:
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
