"""Reading a cluster fresh from AWS, as plans need it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable

from django.db.models import Avg, F, Q
from django.utils import timezone

from apps.cloud.aws import alarms as alarms_of
from apps.cloud.aws import autoscaling, ec2, elb, elbv2, scaling
from apps.cloud.aws.registered import registered
from apps.cloud.aws.together import Ask, Reading, together
from apps.cloud.errors import CloudError, NotFound
from apps.cloud.errors import Invalid as CloudInvalid
from apps.cloud.naming import cluster_of
from apps.cloud.values import (
    AlarmState,
    Described,
    GroupExtras,
    GroupState,
    ImageState,
    LaunchTemplateVersion,
    Target,
    TargetHealth,
)
from apps.deployments import drivers
from apps.deployments.alarms import ALARMS
from apps.deployments.carry import mixed
from apps.deployments.carry.configuration import template_data
from apps.deployments.carry.policies import alarm_names
from apps.deployments.errors import Invalid
from apps.deployments.models import Deployment, KeptGroup
from apps.deployments.protection import PROTECTION
from apps.deployments.selectors import borrowed_of_each, policy_of
from apps.deployments.situation import Kept, Situation
from apps.inventory.models import Cluster, Image
from apps.inventory.selectors.serving import serving_groups
from apps.inventory.selectors.user_data import user_data_template
from apps.inventory.user_data import Template
from apps.workflows.models import Borrowed, Step
from apps.workflows.states import StepState

RESOLVED = "resolve:ssm:"  # instead of an AMI id: a parameter of Systems Manager that EC2 reads at each launch


def situation(cluster: Cluster, *, image: str = "", template_of: str = "", alarms: Iterable[str] = ()) -> Situation:
    """The cluster now. With `image`: that AMI, checked to be launchable here; raises Invalid naming the field.

    The launch template read is the serving group's, or that of the group named `template_of`. `alarms` are names of
    alarms to read beside those of the group. Raises CloudError.
    """
    with together() as ask:
        return _situation(ask, cluster, image, template_of, alarms)


def _situation(ask: Ask, cluster: Cluster, image: str, template_of: str, alarms: Iterable[str]) -> Situation:
    target = cluster.environment.target(cluster.region)
    launchable = ask(ec2.launchable_image, target, image) if image else None
    groups = _groups(target, cluster.name)
    arns = sorted({arn for group in groups for arn in group.target_groups})
    classic = sorted({name for group in groups for name in group.classic_load_balancers})
    reading_rules = ask(elbv2.rules_for, target, arns)
    reading_health = {source: ask(registered, target, source) for source in (*arns, *classic)}
    reading_arns = ask(elbv2.describe_target_groups, target, arns, attributes=True) if arns else None
    reading_classic = ask(elb.describe_load_balancers, target, classic, attributes=True)
    rules = reading_rules.result()
    health = {source: reading.result() for source, reading in reading_health.items()}
    serving = [traffic.group for traffic in serving_groups(groups, rules, _flat(health.values()))]
    model = _model(groups, template_of or (serving[0] if len(serving) == 1 else ""))
    reading_extras = ask(scaling.describe_extras, target, model.name) if model and image else None
    configuration = _configuration(target, model)
    template = _converted(configuration) if configuration else template_version(target, model)
    from_image = ask(seen, target, template)
    wanted = _image(cluster, image, launchable) if launchable else None
    architectures = _architectures(target, model, template)
    if wanted and architectures and wanted.architecture not in architectures:
        runs = " and ".join(architectures)
        text = f"{wanted.id} is built for {wanted.architecture}, but the group's instance type runs {runs}."
        raise Invalid({"image": [text]})
    extras = reading_extras.result() if reading_extras else GroupExtras()
    written = user_data_template(cluster.application_id) if wanted else None
    return Situation(
        environment=cluster.environment.name,
        region=cluster.region,
        cluster=cluster.name,
        read_at=timezone.now(),
        groups=groups,
        serving=tuple(serving),
        rules=rules,
        target_groups={group.arn: group for group in reading_arns.result()} if reading_arns else {},
        classic_load_balancers={each.name: each for each in reading_classic.result()},
        health=health,
        image=wanted,
        from_image=from_image.result(),
        template=template,
        configuration=configuration,
        extras=extras,
        alarms=_alarms(target, {*alarm_names(extras.scaling_policies), *alarms}),
        architectures=architectures,
        kept=_kept(cluster, groups, serving),
        left=_left(cluster, serving),
        given=_given(cluster),
        boot_seconds=_boot_seconds(cluster),
        policy=policy_of(cluster),
        account=cluster.environment.account_id,
        user_data=written,
        user_data_was=_told_by(cluster, written, template),
        token=uuid.uuid4().hex,
    )


def why_not_launchable(target: Target, template: LaunchTemplateVersion | None) -> str:
    """Why a launch template version could not start an instance any more; empty if it could."""
    if template is None:
        return "its launch template version was deleted."
    if template.image_id.startswith(RESOLVED):
        return ""
    try:
        image = ec2.launchable_image(target, template.image_id)
    except (NotFound, CloudInvalid):
        return f"its AMI {template.image_id} is gone, or this account may no longer launch it."
    return "" if image.state == "available" else f"its AMI {image.id} is {image.state}."


def _groups(target: Target, cluster: str) -> tuple[GroupState, ...]:
    found = autoscaling.describe_groups(target, prefix=cluster)
    return tuple(group for group in found if cluster_of(group.name) == cluster)


def _model(groups: Iterable[GroupState], name: str) -> GroupState | None:
    return next((group for group in groups if group.name == name), None)


def template_version(target: Target, group: GroupState | None) -> LaunchTemplateVersion | None:
    """The launch template version a group launches, or its launch configuration as one; None where it was deleted."""
    if group is None or group.launch_template is None:
        configuration = _configuration(target, group)
        return _converted(configuration) if configuration else None
    try:
        return ec2.launch_template_version(target, group.launch_template.id, group.launch_template.version)
    except NotFound:
        return None


def _configuration(target: Target, group: GroupState | None) -> Described | None:
    """The launch configuration that a group launches from; None where it has none, or it was deleted."""
    name = group.raw.get("LaunchConfigurationName") if group else ""
    return scaling.describe_launch_configuration(target, name) if name else None


def _converted(configuration: Described) -> LaunchTemplateVersion:
    return ec2.as_version(
        {
            "LaunchTemplateId": "",
            "LaunchTemplateName": configuration["LaunchConfigurationName"],
            "VersionNumber": 0,
            "CreateTime": configuration["CreatedTime"],
            "LaunchTemplateData": template_data(configuration),
        }
    )


def _alarms(target: Target, names: Collection[str]) -> dict[str, AlarmState]:
    return {alarm.name: alarm for alarm in alarms_of.describe_alarms(target, names)} if names else {}


def gone_sources(target: Target, sources: Iterable[str]) -> tuple[str, ...]:
    """Those of the target groups (ARN) and classic load balancers (name) that no longer exist."""
    gone = []
    for source in sources:
        try:
            registered(target, source)
        except NotFound:
            gone.append(source)
    return tuple(gone)


def _image(cluster: Cluster, image_id: str, reading: Reading[ImageState]) -> ImageState:
    where = f"{cluster.environment.name} {cluster.region}"
    try:
        image = reading.result()
    except CloudInvalid as error:
        raise Invalid({"image": [_no_id(cluster, image_id)]}) from error
    except NotFound as error:
        raise Invalid(
            {"image": [_elsewhere(cluster, image_id) or f"There is no AMI {image_id} in {where}."]}
        ) from error
    if image.state != "available":
        raise Invalid({"image": [f"{image_id} is {image.state}; only an available AMI can be pushed."]})
    return image


def _no_id(cluster: Cluster, text: str) -> str:
    """What to say of text that is no AMI id; of a version, which AMI of the cluster's environment has it."""
    says = f"{text!r} is not an AMI id; it looks like ami-0123456789abcdef0."
    there = Image.objects.filter(environment=cluster.environment_id, region=cluster.region)
    found = there.filter(application=cluster.application.name, version=text).order_by("-created_at").first()
    return f"{says} The newest of {cluster.application} {text} here is {found.image_id}." if found else says


def _elsewhere(cluster: Cluster, image_id: str) -> str:
    """What the inventory knows of an AMI that cannot be launched here."""
    known = Image.objects.filter(image_id=image_id).select_related("environment")
    other = next((image for image in known if image.region != cluster.region), None)
    if other:
        return f"{image_id} is in {other.region}, not in {cluster.region}; copy it there first."
    owner = next((image for image in known if image.environment_id != cluster.environment_id), None)
    if owner:
        here = cluster.environment
        lacks = f"account {here.account_id} may not launch it. Promote it to {here.name} first."
        return f"{image_id} belongs to {owner.environment.name}; {lacks}"
    return ""


def seen(target: Target, template: LaunchTemplateVersion | None) -> ImageState | None:
    """The AMI a launch template version names, for display; None where it cannot be told."""
    if template is None:
        return None
    try:
        return ec2.find_image(target, template.image_id)
    except CloudError:
        return None  # only for display


def _architectures(target: Target, group: GroupState | None, template: LaunchTemplateVersion | None) -> tuple[str, ...]:
    """The architectures that every instance type runs which the group launches from its own template."""
    if group is None or template is None:
        return ()
    types = mixed.instance_types(group) or ((template.instance_type,) if template.instance_type else ())
    if not types:
        return ()
    runs = ec2.architectures(target, types)
    return tuple(sorted(set.intersection(*(set(runs[name]) for name in types))))


def _kept(cluster: Cluster, groups: Iterable[GroupState], serving: list[str]) -> tuple[Kept, ...]:
    """Kept groups out of traffic, those included that are gone by now."""
    busy = {group.arn for group in groups if group.status or group.name in serving}
    known = KeptGroup.objects.filter(cluster=cluster, ended_at__isnull=True).order_by("id")
    rows = [row for row in known if row.arn not in busy]
    taken = taken_of(cluster, [row.name for row in rows])
    return tuple(_as_kept(row, taken.get(row.name)) for row in rows)


def taken_of(cluster: Cluster, names: Iterable[str]) -> dict[str, Borrowed]:
    """The entries of the ledger that say where these groups took their traffic from, by group."""
    place, kinds = f"{cluster.environment.name}/{cluster.region}/", {each.borrows for each in drivers.all().values()}
    resources = [f"{place}{name}" for name in names]
    owed = Borrowed.objects.filter(kind__in=kinds, resource__in=resources, repaid_at__isnull=True) if resources else ()
    return {item.resource.removeprefix(place): item for item in owed}


def _as_kept(row: KeptGroup, item: Borrowed | None) -> Kept:
    if item is None:
        return Kept(row.name, row.arn)
    driver, sources = drivers.which(item)
    return Kept(row.name, row.arn, sources, driver.slug, item.original["pairs"] if driver.exact else {})


def _left(cluster: Cluster, serving: Iterable[str]) -> tuple[str, ...]:
    owed = borrowed_of_each(cluster, serving)
    return tuple(f"{name}: {item.sentence}. {item.trouble}" for name in owed for item in owed[name] if item.trouble)


def _given(cluster: Cluster) -> frozenset[str]:
    place = f"{cluster.environment.name}/{cluster.region}/"
    owed = Borrowed.objects.filter(kind__in=[ALARMS, PROTECTION], resource__startswith=place, repaid_at__isnull=True)
    return frozenset(resource.removeprefix(place) for resource in owed.values_list("resource", flat=True))


def _told_by(cluster: Cluster, written: Template | None, version: LaunchTemplateVersion | None) -> int | None:
    """The version of the user data template by which we made this launch template version; None where we did not."""
    if written is None or version is None:
        return None
    by_step = Q(run__steps__kind="create-template-version", run__steps__params__template=version.id)
    ours = Deployment.objects.filter(by_step | Q(run__facts__template=version.id), cluster=cluster)
    made = ours.filter(run__facts__template_version=version.version, user_data__isnull=False).order_by("-id").first()
    return made.user_data if made else None


def _boot_seconds(cluster: Cluster) -> float | None:
    """How long the last few waits for health took on this cluster; where there was none, in its environment."""
    waits = Step.objects.filter(kind="wait-healthy", state=StepState.DONE).order_by("-id")
    here, around = (
        waits.filter(run__deployment__cluster=cluster),
        waits.filter(run__deployment__cluster__environment=cluster.environment_id),
    )
    last = list(here.values_list("pk", flat=True)[:5]) or list(around.values_list("pk", flat=True)[:5])
    if not last:
        return None
    took = Step.objects.filter(pk__in=last).aggregate(took=Avg(F("ended_at") - F("started_at")))
    return took["took"].total_seconds() if took["took"] else None


def _flat(many: Iterable[Iterable[TargetHealth]]) -> list[TargetHealth]:
    return [item for few in many for item in few]
