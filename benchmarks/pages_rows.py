"""Rows for bench_pages: groups with their instances behind load balancers, and what was done to them in a month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from benchmarks.pages_traffic import put_behind, target_group_of

PER_CLUSTER, PER_GROUP = 2, 5
CLUSTERS_OF_AN_APPLICATION = 20
GROUPS_OF_AN_IMAGE = 4
REGION = "us-east-1"
OVER = timedelta(days=30)
BATCH = 2_000
STEPS = (
    "create-template-version",
    "create-group",
    "raise-group",
    "wait-healthy",
    "give-traffic",
    "take-traffic",
    "restore-size",
    "keep-or-delete",
)
EVENTS = ("deployment.started", "group.created", "group.sized", "group.traffic_taken", "group.kept", "deployment.ended")


def fill(first: int, last: int) -> None:
    """Groups by their numbers, two a cluster, of which the second serves with healthy instances; a deployment each.

    Of fifty clusters one lacks an instance, of a hundred one serves nothing.
    """
    from django.utils import timezone

    from apps.inventory.models import Application, Cluster, Environment, Group, Image, Instance
    from apps.inventory.services.conditions import note_conditions

    now = timezone.now()
    environment, _ = Environment.objects.get_or_create(
        name="bench", defaults={"account_id": "123456789012", "regions": [REGION]}
    )
    seen = {"environment": environment, "region": REGION, "read_at": now, "digest": "x"}
    Image.objects.bulk_create(
        _image(seen, number, now) for number in range(first // GROUPS_OF_AN_IMAGE, last // GROUPS_OF_AN_IMAGE)
    )
    numbers = range(first // PER_CLUSTER, last // PER_CLUSTER)
    names = sorted({application_of(each) for each in numbers} - set(Application.objects.values_list("name", flat=True)))
    Application.objects.bulk_create(Application(name=name) for name in names)
    applications = {each.name: each for each in Application.objects.all()}
    clusters = Cluster.objects.bulk_create(
        Cluster(
            environment=environment,
            region=REGION,
            name=cluster_name(each),
            application=applications[application_of(each)],
            stack=f"{each:05}",
        )
        for each in numbers
    )
    put_behind(seen, clusters, now)
    groups = Group.objects.bulk_create(_group(seen, each, version, now) for each in clusters for version in (0, 1))
    Instance.objects.bulk_create(
        (_instance(seen, group, number, now) for group in groups for number in range(PER_GROUP)), batch_size=BATCH
    )
    _history(clusters, environment.name, now)
    note_conditions(environment, REGION)


def application_of(number: int) -> str:
    """The application of a cluster, by the cluster's number."""
    return f"shop{number // CLUSTERS_OF_AN_APPLICATION:03}"


def cluster_name(number: int) -> str:
    return f"{application_of(number)}-{number:05}"


def _image(seen: dict[str, Any], number: int, now: datetime) -> Any:
    from apps.inventory.models import Image

    application = application_of(number * GROUPS_OF_AN_IMAGE // PER_CLUSTER)
    created = now - OVER + timedelta(minutes=number)
    return Image(
        **seen,
        image_id=_image_id(number),
        name=f"{application}-1.0.{number}",
        application=application,
        version=f"1.0.{number}",
        commit=f"{number:07x}",
        state="available",
        created_at=created,
    )


def _image_id(number: int) -> str:
    return f"ami-{number:017x}"


def _group(seen: dict[str, Any], cluster: Any, version: int, now: datetime) -> Any:
    from apps.inventory.models import Group

    name = f"{cluster.name}-v{version:03}"
    sources = [{"identifier": target_group_of(cluster), "via": "target-group", "type": "elbv2"}]
    return Group(
        **seen,
        cluster=cluster,
        name=name,
        arn=f"arn:{name}",
        created_at=now,
        min_size=1,
        max_size=9,
        desired=PER_GROUP,
        instance_count=PER_GROUP,
        in_service_count=PER_GROUP,
        image_id=_image_of(cluster),
        traffic_sources=sources if version else [],
        zones=["us-east-1a", "us-east-1b"],
        tags={"owner": "shop"},
    )


def _image_of(cluster: Any) -> str:
    return _image_id(int(cluster.stack) * PER_CLUSTER // GROUPS_OF_AN_IMAGE)


def _instance(seen: dict[str, Any], group: Any, number: int, now: datetime) -> Any:
    from apps.inventory.models import Instance

    cluster = int(group.cluster.stack)
    sick = cluster % 100 == 99 or (cluster % 50 == 1 and not number)
    state = {"state": "unhealthy" if sick else "healthy", "reason": "", "description": ""}
    told = {each["identifier"]: state for each in group.traffic_sources}
    return Instance(
        **seen,
        group=group,
        instance_id=f"i-{group.pk:015x}{number:02x}",
        zone="us-east-1a",
        state="running",
        lifecycle_state="InService",
        health_status="Healthy",
        private_ip=f"10.{group.pk >> 8 & 255}.{group.pk & 255}.{number}",
        image_id=group.image_id,
        instance_type="t3.micro",
        launched_at=now,
        target_health=told,
    )


def _history(clusters: list[Any], environment: str, now: datetime) -> None:
    """Two ended pushes of each cluster, the clusters taking turns over the month; one of twenty was undone."""
    from apps.deployments.models import Deployment
    from apps.events.models import Event
    from apps.workflows.models import Attempt, Run, Step

    asked = [(cluster, push) for push in range(PER_CLUSTER) for cluster in clusters]
    apart = OVER / len(asked)
    begun = [now - OVER + apart * (number + 1) - timedelta(minutes=5) for number in range(len(asked))]
    runs = Run.objects.bulk_create(
        (_run(cluster, number, at) for number, ((cluster, _), at) in enumerate(zip(asked, begun, strict=True))),
        batch_size=BATCH,
    )
    Deployment.objects.bulk_create(
        (_deployment(cluster, push, run) for (cluster, push), run in zip(asked, runs, strict=True)), batch_size=BATCH
    )
    steps = Step.objects.bulk_create((step for run in runs for step in _steps(run)), batch_size=BATCH)
    Attempt.objects.bulk_create(
        (
            Attempt(
                step=step,
                phase="forward",
                worker="bench",
                looks=1,
                outcome="done",
                says=step.says,
                started_at=step.started_at,
                ended_at=step.ended_at,
            )
            for step in steps
        ),
        batch_size=BATCH,
    )
    Event.objects.bulk_create(
        (event for (cluster, _), run in zip(asked, runs, strict=True) for event in _events(cluster, run, environment)),
        batch_size=BATCH,
    )


def _run(cluster: Any, number: int, at: datetime) -> Any:
    from apps.workflows.models import Run

    return Run(
        kind="push",
        subject=cluster.name,
        actor=f"person{number % 20}",
        reason="a new version",
        resource=f"bench {REGION} {cluster.name} {number}",
        state="succeeded" if number % 20 else "undone",
        position=len(STEPS),
        due_at=None,
        failure="" if number % 20 else "2 of 5 instances answer 503 on /health.",
        created_at=at,
        started_at=at,
        ended_at=at + timedelta(minutes=4),
        changed_at=at + timedelta(minutes=4),
    )


def _deployment(cluster: Any, push: int, run: Any) -> Any:
    from apps.deployments.models import Deployment

    image = _image_of(cluster)
    return Deployment(
        kind="push",
        cluster=cluster,
        strategy="red-black",
        actor=run.actor,
        reason=run.reason,
        from_group=f"{cluster.name}-v{push - 1:03}" if push else "",
        to_group=f"{cluster.name}-v{push:03}",
        from_image=image,
        to_image=image,
        from_version="1.0.0",
        to_version="1.0.1",
        run=run,
        created_at=run.created_at,
    )


def _steps(run: Any) -> Iterator[Any]:
    from apps.workflows.models import Step

    each = (run.ended_at - run.started_at) / len(STEPS)
    for position, kind in enumerate(STEPS):
        began = run.started_at + each * position
        yield Step(
            run=run,
            position=position,
            kind=kind,
            title=f"{kind.replace('-', ' ').capitalize()} of {run.subject}",
            params={"group": f"{run.subject}-v001"},
            state="done",
            says="5 of 5 healthy",
            started_at=began,
            ended_at=began + each,
        )


def _events(cluster: Any, run: Any, environment: str) -> Iterator[Any]:
    from apps.events.models import Event

    for number, kind in enumerate(EVENTS):
        yield Event(
            at=run.started_at + timedelta(seconds=30 * number),
            kind=kind,
            actor=run.actor,
            subject=f"{cluster.name}-v001",
            summary=f"{cluster.name}-v001: {kind.partition('.')[2].replace('_', ' ')}, 5 instances",
            reason=run.reason,
            before={"desired": 0},
            after={"desired": 5},
            run=run.pk,
            environment=environment,
            region=REGION,
            cluster=cluster.name,
        )
