"""How many SQL queries each GET of the API takes: as many as are pinned here, however much there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import resolve
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from pytest_django import DjangoDbBlocker

from apps.accounts.models import Role, User
from apps.accounts.services import create_token
from apps.deployments.models import Deployment, Freeze
from apps.events.models import Event
from apps.images.models import Bake, BaseImage, Build, Gate, Keep, Mark, PackageCheck, Promotion, Webhook
from apps.inventory.models import (
    Application,
    Environment,
    Instance,
    LaunchTemplate,
    LoadBalancer,
    SyncState,
    TargetGroup,
)
from apps.inventory.services import set_user_data
from apps.workflows.models import Attempt, Borrowed, Lock, Run
from tests import counting
from tests.api.conftest import ApiClient
from tests.api.fleet import ARN, REGION, Fleet
from tests.console import baking, promoting

# By URL name; the two of the token are among them. A new operation fails until it has its line, and the failure says
# what to write.
QUERIES: dict[str, list[int]] = {
    "application-detail": [3],
    "application-list": [3],
    "application-recipe": [3],
    "application-scaffold": [4],
    "application-user-data": [7],
    "application-user-data-versions": [4],
    "bake-detail": [7],
    "bake-list": [4],
    "bake-log": [6],
    "bake-manifest": [6],
    "base-image-detail": [3],
    "base-image-list": [3],
    "build-detail": [10],
    "build-list": [8],
    "change-list": [7],
    "cluster-detail": [12],
    "cluster-list": [7],
    "cluster-policy": [4],
    "deployment-choices": [6],
    "deployment-detail": [9],
    "deployment-list": [3],
    "environment-detail": [4],
    "environment-list": [3],
    "event-detail": [3],
    "event-list": [3],
    "freeze-detail": [3],
    "freeze-list": [3],
    "group-detail": [6],
    "group-details": [4],
    "group-list": [3],
    "group-operations": [6],
    "image-detail": [6],
    "image-diff": [5],
    "image-diff-commits": [6],
    "image-list": [6],
    "image-use": [14],
    "instance-detail": [3],
    "instance-list": [3],
    "janitor-dry-run": [43],
    "janitor-keep-detail": [3],
    "janitor-keep-list": [3],
    "janitor-mark-detail": [3],
    "janitor-mark-list": [3],
    "janitor-rules-detail": [4],
    "launch-template-detail": [3],
    "launch-template-list": [3],
    "launch-template-versions": [3],
    "load-balancer-detail": [3],
    "load-balancer-list": [3],
    "me": [2],
    "operation-list": [2],
    "package-check-detail": [5],
    "promotion-detail": [6],
    "promotion-list": [3],
    "provisioner-list": [2],
    "root": [2],
    "search": [12],
    "strategy-list": [2],
    "target-group-detail": [3],
    "target-group-list": [3],
    "target-group-targets": [4],
    "token-detail": [3],
    "token-list": [3],
    "webhook-detail": [3],
    "webhook-list": [3],
}

pytestmark = pytest.mark.django_db  # has the database made; the tests themselves only compare

TEMPLATES: list[str] = [
    path
    for path, methods in SchemaGenerator().get_schema(request=None, public=True)["paths"].items()
    if "get" in methods
]
NAMES = {str(resolve(re.sub(r"{\w+}", "1", template)).url_name): template for template in TEMPLATES}
LIVE = ("/details/", "}/operations/", "/targets/", "}/versions/")  # read from AWS, which refuses
Taken = tuple[dict[str, counting.Queries], dict[str, counting.Queries]]


@pytest.fixture(scope="module")
def taken(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Taken:
    """Every address with few rows, then with many, by its template."""
    with django_db_blocker.unblock(), counting.refusing_cloud():
        return measured(counting.FEW), measured(counting.MANY)


def measured(size: int) -> dict[str, counting.Queries]:
    with transaction.atomic():
        fleet = Fleet(size, size)
        client = ApiClient(User.objects.create(username="ada", role=Role.ADMINISTRATOR))
        baking.recipe(fleet.application, fleet.environment)
        for number in range(size):
            set_user_data(fleet.application.name, {"text": f"{number} ${{exports}}"}, actor="ada", reason="x")
        for number in range(size):
            more(fleet, number)
        running = busy(fleet, size)
        values = dict(named(fleet, running))
        found = {template: looked(client, template, values) for template in TEMPLATES}
        transaction.set_rollback(True)
    return found


def looked(client: ApiClient, template: str, values: dict[str, Any]) -> counting.Queries:
    live = template.endswith(LIVE)
    return counting.queries_of(client.get, address(template, values), [502 if live else 200])


def address(template: str, values: dict[str, Any]) -> str:
    """A template with something that exists in place of each variable; a search for something that is found."""
    noun = template.removeprefix("/api/v1/").partition("/")[0]
    if noun == "janitor":
        noun = template.split("/")[4]
    variables = {"environment": "prod", "region": REGION, **dict.fromkeys(("name", "id", "pk"), values.get(noun))}
    queries = {"search": "?q=shop", "images": "?against=ami-0a" if "/diff/" in template else ""}
    return template.format(**variables) + queries.get(noun, "")


def named(fleet: Fleet, running: Deployment) -> Iterator[tuple[str, Any]]:
    """What stands for a noun in an address of one thing."""
    yield "applications", fleet.application.name
    yield "builds", Build.objects.latest("pk").pk
    yield "package-checks", PackageCheck.objects.latest("pk").pk
    yield "webhooks", Webhook.objects.latest("pk").pk
    yield "environments", fleet.environment.name
    yield "clusters", running.cluster.name
    yield "groups", running.to_group
    yield "instances", Instance.objects.filter(group__name=running.to_group).earliest("pk").instance_id
    yield "images", running.to_image
    yield "load-balancers", "shop-lb"
    yield "target-groups", "shop-tg"
    yield "launch-templates", "lt-of-0"
    yield "deployments", running.pk
    yield "bakes", Bake.objects.filter(manifest__isnull=False).latest("pk").pk
    yield "base-images", BaseImage.objects.latest("pk").pk
    yield "promotions", Promotion.objects.latest("pk").pk
    yield "events", Event.objects.latest("pk").pk
    yield "marks", Mark.objects.latest("pk").pk
    yield "keeps", Keep.objects.latest("pk").pk
    yield "rules", fleet.environment.name
    yield "freezes", Freeze.objects.latest("pk").pk
    yield "tokens", User.objects.get(username="ada").tokens.get().pk


def more(fleet: Fleet, number: int) -> None:
    """One of everything beside the clusters of a fleet, and a push of one of them."""
    now, seen = timezone.now(), {**fleet.seen, "digest": f"{number}"}
    Application.objects.create(name=f"shop{number}")
    build = Build.objects.create(application=fleet.application, package="shop.web", version="4.2.0", number=f"{number}")
    baking.check(build)
    Gate.objects.create(build=build, name="unit", outcome="passed")
    Gate.objects.create(build=build, name=f"gate{number}", outcome="failed")
    Webhook.objects.create(application=fleet.application, format="generic", secret="hush", created_by="ada")
    environment = Environment.objects.create(name=f"more{number}", account_id="123456789012", regions=[REGION])
    for place in (environment, fleet.environment):
        SyncState.objects.create(
            environment=place, region=f"x-{number}", kind=SyncState.Kind.GROUPS, started_at=now, finished_at=now
        )
    LaunchTemplate.objects.create(
        **seen, template_id=f"lt-of-{number}", name=f"shop{number}", default_version=1, latest_version=1, created_at=now
    )
    LoadBalancer.objects.create(**seen, arn=f"{ARN}loadbalancer/app/more/{number}", name=f"more{number}")
    TargetGroup.objects.create(
        **seen,
        arn=f"{ARN}targetgroup/more/{number}",
        name=f"more{number}",
        port=80,
        target_type="instance",
        health_interval=5,
        healthy_threshold=2,
    )
    fleet.image(f"ami-1{number}", f"5.0.{number}")
    fleet.group(None, f"odd_{number}", "ami-0a", 2, serving=False)
    fleet.deployment(fleet.clusters[number])
    baking.base_image(fleet.environment, image_id=f"ami-0ba5e{number}")
    promoting.promotion(fleet.environment, environment, f"ami-1{number}")
    baked = baking.bake(fleet.application)
    for step in baked.run.steps.all():
        Attempt.objects.bulk_create(Attempt(step=step, phase="forward", worker="w2") for _ in range(number))
    Freeze.objects.create(starts_at=now, ends_at=now + timedelta(hours=1), actor="maria", reason="x")
    here = {"environment": fleet.environment, "region": REGION, "kind": "image", "resource": f"ami-1{number}"}
    Keep.objects.create(**here, actor="maria")
    Mark.objects.create(**here, because="x", since=now, due_at=now)
    create_token(User.objects.create(username=f"user{number}"), "ci", actor="tests")


def busy(fleet: Fleet, size: int) -> Deployment:
    """A cluster with a push that runs, holds its lock and has borrowed, with others behind it and before it."""
    here = fleet.clusters[0]
    lock = f"cluster:prod/{REGION}/{here.name}"
    for number in range(size):
        fleet.deployment(here, "undone")
        fleet.group(here, f"{here.name}-v{100 + number}", "ami-0a", size, serving=False)
        Run.objects.create(kind="repair", subject=here.name, actor="x", resource=lock, state="succeeded")
    running = fleet.deployment(here, "waiting")
    Run.objects.filter(pk=running.run_id).update(resource=lock)
    Lock.objects.create(resource=lock, run=running.run, owner=running.actor)
    for _ in range(size):
        waits = fleet.deployment(here, "queued")
        Run.objects.filter(pk=waits.run_id).update(planned=False, resource=lock)
    for group in here.groups.all():
        resource = f"prod/{REGION}/{group.name}"
        Borrowed.objects.create(run=running.run, kind="size", resource=resource, original={"min": 1})
    return running


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_get_takes_the_queries_that_are_pinned_here_whatever_there_is(name: str, taken: Taken) -> None:
    few, many = ({NAMES[name]: each[NAMES[name]]} for each in taken)
    counting.check(name, few, many, QUERIES)


def test_what_is_pinned_is_in_order_and_there() -> None:
    assert list(QUERIES) == sorted(NAMES)
