"""Launch template versions that pushes made, and that no group launches any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from apps.cloud.aws import autoscaling, ec2
from apps.cloud.errors import NotFound
from apps.cloud.values import LaunchTemplateVersion as VersionState
from apps.deployments.models import Deployment
from apps.deployments.steps.template_version import mark as description_of
from apps.images.janitor.afresh import Looks, versions_named
from apps.images.janitor.base import Kind, Thing, kept, register, tagged, too_young
from apps.images.models import JanitorRules, Mark
from apps.inventory.models import Environment, Group, Instance, LaunchTemplate, LaunchTemplateVersion
from apps.inventory.selectors.references import standing_versions
from apps.workflows.models import Step
from apps.workflows.states import ACTIVE

OURS = description_of("")  # how the description of each that a push made begins
Place = tuple[str, str, str]  # region, template, version


@register
class TemplateVersions(Kind):
    slug = "template-version"
    title = "Launch template versions that pushes made"
    shape, example = r"lt-[0-9a-f]+:[0-9]+", "lt-0123456789abcdef0:7"
    calls = ("ec2:DeleteLaunchTemplateVersions",)

    def things(self, environment: Environment, rules: JanitorRules, now: datetime) -> Iterable[Thing]:
        rows = standing_versions().filter(environment=environment, description__startswith=OURS)
        known = _Known(environment)
        mine, counted = kept(environment, self.slug), defaultdict[tuple[str, str], int](int)
        for row in rows.order_by("region", "template_id", "-version"):
            template = known.templates.get((row.region, row.template_id))
            if template is None:
                continue  # it was read first since the query before
            counted[row.region, row.template_id] += 1
            named = f"{row.template_id}:{row.version}"
            newest = counted[row.region, row.template_id] <= rules.newest
            stays = (
                mine.get((row.region, named), "")
                or known.why_needed(row, template)
                or (f"It is among the newest {rules.newest} that pushes made of {template.name}." if newest else "")
                or too_young(row.created_at, rules.version_days, now, "It was made")
            )
            because = f"No group launches it, and it is older than {rules.version_days} days."
            application = template.name.partition("-")[0]
            called = f"version {row.version} of {template.name}"
            yield Thing(row.region, named, called, application, row.created_at, because, stays)

    def objection(self, mark: Mark, rules: JanitorRules, looks: Looks) -> str:
        del rules
        target, (template_id, number) = mark.environment.target(mark.region), _parts(mark)
        version = _find(mark)
        if version is None:
            return "It is gone already."
        if not version.description.startswith(OURS):
            return "No push made it."
        state = ec2.describe_launch_templates(target, [template_id])[0]
        if number in (state.default_version, state.latest_version):
            return "It is the default or the latest version of its template."
        looks.look(target)  # a deletion is sent only within a minute of it
        for group in autoscaling.describe_groups(target):
            if (template_id, str(number)) in set(versions_named(group.raw)):
                return f"{group.name} launches it, or an instance of it was launched from it."
        return tagged(state.tags)

    def standing(self, mark: Mark) -> bool:
        return _find(mark) is not None

    def delete(self, mark: Mark) -> bool:
        template_id, number = _parts(mark)
        if self.standing(mark):
            ec2.delete_launch_template_versions(mark.environment.target(mark.region), template_id, [number])
        if self.standing(mark):
            return False
        LaunchTemplateVersion.objects.filter(
            environment=mark.environment, region=mark.region, template_id=template_id, version=number
        ).delete()
        return True


class _Known:
    """What rows tell of an environment's templates and of who needs their versions. 6 queries."""

    def __init__(self, environment: Environment) -> None:
        here = {"environment": environment, "gone_at__isnull": True}
        self.templates = {(each.region, each.template_id): each for each in LaunchTemplate.objects.filter(**here)}
        groups = Group.objects.filter(**here).exclude(launch_template_id="")
        self.groups: dict[Place, str] = {}
        for region, template, version, name, details in groups.values_list(
            "region", "launch_template_id", "launch_template_version", "name", "details"
        ):
            self.groups |= {(region, *each): name for each in {(template, version), *versions_named(details)}}
        members = Instance.objects.filter(**here).exclude(launch_template_version="").exclude(group=None)
        for region, template, version, name in members.values_list(
            "region", "group__launch_template_id", "launch_template_version", "group__name"
        ).distinct():
            self.groups.setdefault((region, template, version), name)
        self.back = _goes_back(environment)
        live = Deployment.objects.filter(cluster__environment=environment, run__state__in=ACTIVE)
        steps = Step.objects.filter(run__in=live.values("run"))
        self.busy = {(region, str(name)) for region, name in _templates_of(steps)}

    def why_needed(self, row: LaunchTemplateVersion, template: LaunchTemplate) -> str:
        place = (row.region, row.template_id, str(row.version))
        if row.version in (template.default_version, template.latest_version):
            return "It is the default or the latest version of its template."
        if template.versions_read_at is None:
            return "Not all versions of its template were read yet."
        if place in self.groups:
            return f"{self.groups[place]} launches it, or an instance of it was launched from it."
        if place in self.back:
            return self.back[place]
        if (row.region, row.template_id) in self.busy:
            return "A deployment that is under way names its template."
        return tagged(template.tags)


def _goes_back(environment: Environment) -> dict[Place, str]:
    """The versions to which pushes that replaced in place go back."""
    steps = Step.objects.filter(
        kind="replace-instances", params__has_key="back", run__deployment__cluster__environment=environment
    )
    rows = steps.values_list("run__deployment__cluster__region", "params__back", "run__deployment")
    return {
        (region, str(back.get("template")), str(back.get("version"))): f"Deployment {pk} goes back to it."
        for region, back, pk in rows
    }


def _templates_of(steps: QuerySet[Step]) -> Iterable[tuple[str, object]]:
    rows = steps.filter(params__has_key="template")
    return rows.values_list("run__deployment__cluster__region", "params__template")


def _parts(mark: Mark) -> tuple[str, int]:
    template, _, number = mark.resource.rpartition(":")
    return template, int(number)


def _find(mark: Mark) -> VersionState | None:
    template, number = _parts(mark)
    try:
        found = ec2.describe_launch_template_versions(mark.environment.target(mark.region), template, [number])
    except NotFound:
        return None
    return next(iter(found), None)
