"""The plan of a scaffold: every part is looked for, and those that are not there are steps. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from apps.cloud.aws import acm, autoscaling, ec2, elbv2, quotas
from apps.cloud.errors import CloudError, NotFound
from apps.cloud.errors import Invalid as CloudInvalid
from apps.cloud.naming import cluster_of
from apps.cloud.values import ImageState, Target
from apps.deployments import user_data
from apps.deployments.errors import Finding, Invalid, overridable
from apps.deployments.requests import Preview
from apps.deployments.scaffold import kinds
from apps.deployments.scaffold.first import First, first, found_of_version, judged, looked_for
from apps.deployments.scaffold.looking import Looked, look
from apps.deployments.scaffold.parts import Cut, Part, wanted
from apps.deployments.situation import version_of
from apps.inventory.models import Cluster, Group
from apps.workflows.plans import PlannedStep

TAKEN, DIFFERS, STANDS, ONE_ZONE = "name-taken", "differs", "stands", "one-zone"
QUOTA = overridable("scaffold-quota")
MADE_WITHIN = 600.0  # seconds for one part
ISSUED = "ISSUED"  # the status of a certificate that can be used
FEWEST_ZONES = 2  # of an application load balancer


def plan(cut: Cut, cluster: Cluster, where: Mapping[str, str]) -> Preview:
    """`where` are the parameters that name the place. Raises Invalid naming the option that is wrong, CloudError."""
    groups = _groups(cut.target, cut.cluster)
    image = image_of(cut.target, cut.wishes.image) if cut.wishes.image else None
    group = first(cluster, cut, image) if image and not groups else None
    ids: dict[str, str] = {}
    looked = list(look(cut.target, wanted(cut), ids))
    of_group = list(looked_for(cut, group, ids)) if group else []
    looked += of_group
    missing = [each for each in looked if each.seen is None]
    steps = [_step(each, ids, cluster.application.name, where) for each in missing]
    if group and of_group[-1].seen is None:
        steps.append(_wait(of_group[-1].part, cut, where))
    findings = [
        *_of_zones(cut),
        *_of_certificate(cut),
        *(found for each in looked for found in _of(each, cut)),
        *_of_quotas(cut.target, missing),
        *_of_groups(cut, groups),
        *((*group.findings, *found_of_version(of_group)) if group else ()),
    ]
    preview = Preview(_sentence(cut, missing, group), tuple(steps), tuple(findings))
    return judged(cluster, group, of_group[0], _with(preview, group, cut)) if group else preview


def _with(preview: Preview, group: First, cut: Cut) -> Preview:
    """The preview with what it would make serve."""
    return replace(
        preview,
        to_group=group.name,
        to_version=version_of(group.image),
        to_image=group.image.id,
        to_size=cut.wishes.min,
        user_data=user_data.change(group.situation, group.name),
    )


def _groups(target: Target, cluster: str) -> list[str]:
    found = autoscaling.describe_groups(target, prefix=cluster)
    return [group.name for group in found if cluster_of(group.name) == cluster]


def image_of(target: Target, image: str) -> ImageState:
    """The AMI that is named. Raises Invalid naming the option, CloudError."""
    try:
        return ec2.launchable_image(target, image)
    except (NotFound, CloudInvalid) as error:
        raise Invalid({"options.image": [str(error)]}) from error


def _step(looked: Looked, ids: Mapping[str, str], application: str, where: Mapping[str, str]) -> PlannedStep:
    part, kind = looked.part, kinds.of(looked.part.noun)
    params = {**where, "part": part.as_json(), "key": part.key, "ids": dict(ids), "application": application}
    if part.noun == "group":
        params["group"] = part.name
    return PlannedStep(
        "make-part",
        f"Make the {kind.words} {part.name}"[:255],
        params,
        (kind.in_words(looked.at),),
        timeout_seconds=MADE_WITHIN,
        expected_seconds=kind.seconds,
    )


def _wait(part: Part, cut: Cut, where: Mapping[str, str]) -> PlannedStep:
    size = part.settings["min"]
    return PlannedStep(
        "wait-sized",
        f"Wait until {size} of {size} instances of {part.name} are healthy behind the load balancer",
        {**where, "group": part.name, "size": size, "checked": True},
        timeout_seconds=float(cut.wishes.healthy_within_seconds),
    )


def _of(looked: Looked, cut: Cut) -> Iterator[Finding]:
    """Of a part that is there: that it stands, that it is somebody else's, or in what it differs."""
    part, seen = looked.part, looked.seen
    if seen is None:
        return
    words = kinds.of(part.noun).words
    if not seen.is_ours(cut.cluster, cut.environment):
        text = (
            f"There is a {words} {part.name} already that this console did not make for {cut.cluster}. Rename or "
            "delete it, or choose another name for the cluster."
        )
        yield Finding("refuse", TAKEN, text, part.name)
        return
    differing = {name: value for name, value in part.asked.items() if seen.settings.get(name) != value}
    for name, value in sorted(differing.items()):
        text = (
            f"The {words} {part.name} stands with {name.replace('_', ' ')} {_word(seen.settings.get(name))}, and "
            f"{_word(value)} is asked for. Ask for what stands, change it by hand, or remove the scaffold first."
        )
        yield Finding("refuse", DIFFERS, text, part.name)
    if not differing:
        yield Finding("note", STANDS, f"The {words} {part.name} stands already.", part.name)


def _word(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _of_zones(cut: Cut) -> Iterator[Finding]:
    zones = sorted({each.zone for each in cut.network.subnets})
    if len(zones) < FEWEST_ZONES:
        text = (
            f"The subnets lie in {_word(zones) or 'no zone'} only; a load balancer needs two zones. Name other subnets."
        )
        yield Finding("refuse", ONE_ZONE, text, "options.subnets")


def _of_certificate(cut: Cut) -> Iterator[Finding]:
    """Whether the certificate that is asked for can be used. Raises Invalid where it can not."""
    arn, wrong = cut.said.certificate_arn, ""
    if not arn.partition(":acm:")[1]:  # none, or one of IAM's
        return
    try:
        found = acm.describe_certificate(cut.target, arn)
        if found.status != ISSUED:
            wrong = f"The certificate of {found.domain} is {found.status}, and not {ISSUED}: it cannot be used yet."
    except NotFound:
        wrong = f"There is no certificate {arn} in {cut.environment} {cut.target.region}."
    except CloudError as error:
        text = f"It is unknown whether the certificate can be used: {str(error).rstrip('.')}. Look yourself."
        yield Finding("warn", "unknown-certificate", text, "options.certificate_arn")
    if wrong:
        raise Invalid({"options.certificate_arn": [wrong]})


def _of_groups(cut: Cut, groups: Sequence[str]) -> Iterator[Finding]:
    if cut.wishes.image and groups:
        here = Group.objects.filter(environment__name=cut.environment, region=cut.target.region, name__in=groups)
        same = here.filter(image_id=cut.wishes.image, gone_at__isnull=True).values_list("name", flat=True)
        then = f"{_word(sorted(same))} launches that image already." if same else "Push the image instead."
        text = f"{cut.cluster} has groups already ({_word(sorted(groups))}), so none is made. {then}"
        yield Finding("note", "has-groups", text, groups[0])


def _of_quotas(target: Target, missing: Sequence[Looked]) -> Iterator[Finding]:
    """Whether there may be one more of what has a limit; what cannot be found out is told as unknown."""
    needed = [kinds.of(each.part.noun) for each in missing if kinds.of(each.part.noun).limit]
    try:
        limits = quotas.balancing_limits(target) if needed else {}
        have = {
            "target-groups": lambda: len(elbv2.describe_target_groups(target)),
            "application-load-balancers": lambda: len(elbv2.describe_load_balancers(target)),
        }
        for kind in needed:
            most, count = limits.get(kind.limit), have[kind.limit]()
            if most is not None and count + 1 > most:
                text = (
                    f"The account has {count} of {most} {kind.words}s here. Delete some, or ask AWS to raise the limit."
                )
                yield Finding("refuse", QUOTA, text, kind.limit)
    except CloudError as error:
        text = f"It is unknown whether the limits have room: {str(error).rstrip('.')}. See Service Quotas."
        yield Finding("warn", "unknown-scaffold-quota", text, error.operation)


def _sentence(cut: Cut, missing: Sequence[Looked], group: First | None) -> str:
    place = f"{cut.cluster} in {cut.environment} {cut.target.region}"
    if not missing:
        return f"{place} stands as it is asked for"
    if group is None:
        return f"Scaffold {place}"
    count = f"{cut.wishes.min} instance{'s' if cut.wishes.min > 1 else ''}"
    return f"Scaffold {place}, with {count} of {version_of(group.image)}"
