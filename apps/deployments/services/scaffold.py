"""Scaffolding a cluster, and taking away what was made: each a deployment under the cluster's lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.cloud.aws import pace, route53
from apps.cloud.naming import parse as parse_name
from apps.cloud.values import HostedZone, Target
from apps.deployments import gather, operations
from apps.deployments.errors import Invalid, Refused
from apps.deployments.freezes import told_of_freezes
from apps.deployments.models import Deployment, ScaffoldPart
from apps.deployments.requests import Preview, refuse_unknown
from apps.deployments.scaffold import plan as planning
from apps.deployments.scaffold import removal
from apps.deployments.scaffold.kinds.base import RUN_TAG
from apps.deployments.scaffold.parts import SECURITY_GROUP, Cut, Remembered, filled, network
from apps.deployments.scaffold.wishes import RemovalRequest, ScaffoldRequest, Wishes, problems
from apps.deployments.selectors import scaffolded
from apps.deployments.services.start import Asked, last_of, refuse_if_busy, start, told_if_busy
from apps.inventory.models import Application, Cluster, Environment
from apps.workflows.options import parse

Request = ScaffoldRequest | RemovalRequest


@dataclass(frozen=True)
class _Understood:
    """What is meant; the cluster may be one that is not stored yet."""

    cluster: Cluster
    target: Target

    @property
    def where(self) -> dict[str, str]:
        return {
            "environment": self.cluster.environment.name,
            "region": self.cluster.region,
            "cluster": self.cluster.name,
        }


@pace.patiently()
def scaffold(request: ScaffoldRequest, *, actor: str) -> Deployment | None:
    """Starts making what is missing; None where all stands as it is asked for.

    Raises Invalid, Refused, Busy, or CloudError if AWS does not answer; nothing is created then.
    """
    understood, wishes = _understood(request), _wishes(request)
    cluster = understood.cluster
    seen = last_of(cluster) if cluster.pk else 0
    refuse_if_busy(cluster)
    preview = _refused(cluster, Deployment.Kind.SCAFFOLD, _plan(understood, wishes), request.overrides)
    if not preview.steps:
        return None
    asked = _asked(request, actor, Deployment.Kind.SCAFFOLD, _stored(cluster), _shown(request))
    return start(asked, preview, seen)


@pace.patiently()
def preview_scaffold(request: ScaffoldRequest) -> Preview:
    """What scaffolding would make, and what stands already or differs. Raises Invalid, CloudError."""
    refuse_unknown(request.overrides)
    understood = _understood(request, new=True)
    preview = _plan(understood, _wishes(request)).letting_through(request.overrides)
    told = told_of_freezes(Deployment.Kind.SCAFFOLD, understood.cluster, preview)
    return told_if_busy(understood.cluster, told, queue=False)


@pace.patiently()
def remove_scaffold(request: RemovalRequest, *, actor: str) -> Deployment:
    """Starts removing what scaffolding made for a cluster. Raises Invalid, Refused, Busy, CloudError."""
    understood = _understood(request)
    cluster = understood.cluster
    seen = last_of(cluster) if cluster.pk else 0
    refuse_if_busy(cluster)
    preview = _refused(cluster, Deployment.Kind.REMOVAL, _removal(understood), request.overrides)
    return start(_asked(request, actor, Deployment.Kind.REMOVAL, cluster, {}), preview, seen)


@pace.patiently()
def preview_removal(request: RemovalRequest) -> Preview:
    """What removing would take away. Raises Invalid, CloudError; what speaks against it is among the findings."""
    refuse_unknown(request.overrides)
    understood = _understood(request)
    preview = _removal(understood).letting_through(request.overrides)
    told = told_of_freezes(Deployment.Kind.REMOVAL, understood.cluster, preview)
    return told_if_busy(understood.cluster, told, queue=False)


def _refused(cluster: Cluster, kind: str, preview: Preview, overrides: tuple[str, ...]) -> Preview:
    """The preview. Raises Refused before a row is made for a cluster that is not known."""
    preview = told_of_freezes(kind, cluster, preview).letting_through(overrides)
    if preview.refusals:
        raise Refused(preview.findings)
    return preview


def _asked(request: Request, actor: str, kind: str, cluster: Cluster, options: dict[str, Any]) -> Asked:
    return Asked(
        kind=kind,
        cluster=cluster,
        actor=actor,
        reason=request.reason,
        options=options,
        overrides=tuple(request.overrides),
        on_failure=request.on_failure,
    )


def _understood(request: Request, *, new: bool = False) -> _Understood:
    """Raises Invalid naming the field that is wrong. `new`: the application may be one that is not registered yet."""
    application = Application.objects.filter(name=request.application).first()
    if application is None and new:
        application = Application(name=request.application)
    if application is None:
        raise Invalid({"application": [f"There is no application {request.application!r}. Register it first."]})
    environment = Environment.objects.filter(name=request.environment).first()
    if environment is None:
        known = ", ".join(Environment.objects.values_list("name", flat=True)) or "none"
        raise Invalid({"environment": [f"There is no environment {request.environment!r}; known are {known}."]})
    region, name = _region(environment, request.region), request.cluster or application.name
    parsed = parse_name(name)
    if parsed is None or parsed.sequence is not None or parsed.app != application.name:
        text = f"{name!r} is no cluster of {application.name}: such are called {application.name}-stack-detail."
        raise Invalid({"cluster": [text]})
    found = Cluster.objects.filter(environment=environment, region=region, name=name).first() or Cluster(
        region=region, name=name, stack=parsed.stack, detail=parsed.detail
    )
    found.environment, found.application = environment, application
    return _Understood(found, environment.target(region))


def _region(environment: Environment, region: str) -> str:
    regions = ", ".join(environment.regions)
    if not region and len(environment.regions) == 1:
        return str(environment.regions[0])
    if region not in environment.regions:
        wrong = f"has no region {region!r}; it has" if region else "has several regions; name one of"
        raise Invalid({"region": [f"{environment.name} {wrong} {regions}."]})
    return region


def _wishes(request: ScaffoldRequest) -> Wishes:
    return parse(Wishes, request.options)


def _stored(cluster: Cluster) -> Cluster:
    """The cluster with a row."""
    if cluster.pk:
        return cluster
    row, _ = Cluster.objects.get_or_create(
        environment=cluster.environment,
        region=cluster.region,
        name=cluster.name,
        defaults={"application": cluster.application, "stack": cluster.stack, "detail": cluster.detail},
    )
    row.environment, row.application = cluster.environment, cluster.application
    return row


def _remembered(cluster: Cluster) -> Remembered:
    """Those of one noun by their names where there are several."""
    made = [row for row in _rows(cluster) if row.made_at]
    return {row.name if row.noun == SECURITY_GROUP else row.noun: row.settings for row in made}


def _rows(cluster: Cluster) -> list[ScaffoldPart]:
    return list(scaffolded(cluster)) if cluster.pk else []


def _plan(understood: _Understood, said: Wishes) -> Preview:
    """Raises Invalid, CloudError."""
    cluster, target = understood.cluster, understood.target
    wishes = filled(said, _remembered(cluster), cluster.name, cluster.application.health_check_path)
    wrong = dict(problems(wishes, target))
    if wrong:
        errors = {f"options.{name}": [text] for name, text in wrong.items()}
        raise Invalid({**errors, **_wrong_image(target, wishes)})
    cut = Cut(
        cluster=cluster.name,
        environment=cluster.environment.name,
        wishes=wishes,
        said=said,
        network=network(target, wishes),
        target=target,
        zone=_zone(target, wishes),
    )
    return planning.plan(cut, cluster, understood.where)


def _wrong_image(target: Target, wishes: Wishes) -> Mapping[str, Sequence[str]]:
    """What is wrong with the image, to be told with all else; nothing where it is not known. Raises CloudError."""
    try:
        if wishes.image:
            planning.image_of(target, wishes.image)
    except Invalid as error:
        return error.errors
    return {}


def _zone(target: Target, wishes: Wishes) -> HostedZone | None:
    """The hosted zone that is named, by its id or its name. Raises Invalid, CloudError."""
    if not wishes.hosted_zone:
        return None
    asked, zones = route53.plain(wishes.hosted_zone), route53.hosted_zones(target)
    found = [each for each in zones if asked in (each.name, each.id.lower())]
    if len(found) != 1:
        known = ", ".join(f"{each.name} ({each.id})" for each in zones) or "none"
        why = "several hosted zones are called so; name its id" if found else "there is no such hosted zone"
        raise Invalid({"options.hosted_zone": [f"{wishes.hosted_zone!r}: {why}. Known are {known}."]})
    record = route53.plain(wishes.record)
    if record and record != found[0].name and not record.endswith(f".{found[0].name}"):
        raise Invalid({"options.record": [f"{wishes.record} does not belong to {found[0].name}."]})
    return found[0]


def _removal(understood: _Understood) -> Preview:
    rows = _rows(understood.cluster)
    return removal.plan(understood.target, understood.where, rows, _deletions(understood.cluster) if rows else [])


def _deletions(cluster: Cluster) -> list[Preview]:
    """How the groups that this console made for the cluster are deleted, one after the other; those that serve last."""
    delete, situation = operations.all()["delete-group"], gather.situation(cluster)
    ours = [group for group in situation.groups if RUN_TAG in group.tags]
    ours.sort(key=lambda group: (group.name in situation.serving, group.name))
    return [delete.plan(situation, group, delete.options_type()) for group in ours]


def _shown(request: ScaffoldRequest) -> dict[str, Any]:
    """The options as readers may see them: user data may hold secrets."""
    return {name: value for name, value in request.options.items() if name != "user_data"}
