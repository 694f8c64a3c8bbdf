"""A list is filtered and sorted alike on its page and over REST: by the same names, with the same results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_filters import FilterSet

from apps.api.views import (
    applications,
    bakes,
    base_images,
    builds,
    clusters,
    deployments,
    freezes,
    images,
    launch_templates,
    promotions,
    traffic,
)
from apps.console import filters
from apps.deployments.models import Freeze
from apps.images.models import BakedImage, Build, Gate, Promotion
from apps.inventory.filters import ApplicationFilter
from apps.inventory.models import Application, Cluster, Image
from apps.inventory.services.conditions import note_conditions
from apps.workflows.states import RunState
from tests.api.conftest import ApiClient
from tests.console import baking, promoting, world

OWNER, PROMOTED = "123456789012", "ami-0promoted"
NOW = timezone.now()


@dataclass(frozen=True)
class Both:
    """A list by its page and over REST. `asked` gives every filter of the page a value that some rows have."""

    view: type[Any]
    page: type[FilterSet]
    key: str
    asked: dict[str, str]
    rest_alone: set[str] = field(default_factory=set)  # filters; on the page they are parts of it


PLACE = {"environment": "prod", "region": world.REGION}
LISTS = {
    "applications": Both(
        applications.Applications, ApplicationFilter, "name", {"q": "AP", "owner": "operator", "discovered": "true"}
    ),
    "clusters": Both(
        clusters.Clusters,
        filters.ClusterListFilter,
        "name",
        {
            **PLACE,
            "application": "api",
            "name": "api-prod",
            "stack": "test",
            "detail": "blue",
            "image": "ami-00000000000000001",
            "q": "API",
            "empty": "true",
        },
        {"cluster"},
    ),
    "images": Both(
        images.Images,
        filters.ImageListFilter,
        "image_id",
        {
            **PLACE,
            "application": "api",
            "version": "4.2.0",
            "commit": "00",
            "build": "201",
            "state": "available",
            "architecture": "x86_64",
            "owner": OWNER,
            "q": "4.2",
        },
    ),
    "builds": Both(
        builds.Builds,
        filters.BuildListFilter,
        "id",
        {
            "application": "api",
            "package": "api",
            "version": "4.2.0",
            "branch": "main",
            "commit": "00",
            "gate": "unit",
            "outcome": "failed",
            "since": (NOW - timedelta(hours=1)).isoformat(),
            "until": (NOW - timedelta(hours=1)).isoformat(),
            "q": "4.2",
        },
    ),
    "bakes": Both(
        bakes.Bakes,
        filters.BakeListFilter,
        "id",
        {
            **PLACE,
            "application": "api",
            "package": "api",
            "version": "4.3.0",
            "build": "",  # known once there is one
            "actor": "maria",
            "state": "succeeded",
            "base_image": baking.BASE,
            "image": "",
            "since": (NOW - timedelta(hours=1)).isoformat(),
            "until": (NOW - timedelta(hours=1)).isoformat(),
        },
    ),
    "base-images": Both(
        base_images.BaseImages,
        filters.BaseImageListFilter,
        "id",
        {**PLACE, "name": "debian-12", "architecture": "x86_64", "image": baking.BASE, "standing": "true"},
    ),
    "promotions": Both(
        promotions.Promotions,
        filters.PromotionListFilter,
        "id",
        {
            "application": "api",
            "version": "4.2.0",
            "image": PROMOTED,
            "environment": "prod",
            "source": "test",
            "target": "prod",
            "actor": "maria",
            "standing": "granted",
            "state": "succeeded",
            "live": "true",
            "since": (NOW - timedelta(hours=1)).isoformat(),
            "until": (NOW - timedelta(hours=1)).isoformat(),
        },
    ),
    "load-balancers": Both(traffic.LoadBalancers, filters.LoadBalancerListFilter, "name", {**PLACE, "q": "api"}),
    "launch-templates": Both(
        launch_templates.LaunchTemplates, filters.LaunchTemplateListFilter, "template_id", {**PLACE, "q": "lt-p"}
    ),
    "deployments": Both(
        deployments.Deployments,
        filters.DeploymentListFilter,
        "id",
        {
            **PLACE,
            "application": "api",
            "cluster": "api-prod",
            "actor": "maria",
            "kind": "push",
            "state": "undone",  # the page says "running" of all that goes on
            "image": "",  # known once there is one
            "since": (NOW - timedelta(hours=1)).isoformat(),
            "until": (NOW - timedelta(hours=1)).isoformat(),
        },
    ),
    "freezes": Both(
        freezes.Freezes,
        filters.FreezeListFilter,
        "id",
        {"environment": "prod", "application": "api", "cluster": "api-prod", "actor": "maria"},
        {"state"},
    ),
}
KNOWN_LATER: dict[tuple[str, str], Callable[[], object]] = {
    ("deployments", "image"): lambda: Image.objects.get(version="4.2.1-rc1").image_id,
    ("bakes", "image"): lambda: BakedImage.objects.earliest("pk").image_id,
    ("bakes", "build"): lambda: Build.objects.get(version="4.3.0").pk,
}


FILTERS = [(name, asked) for name, each in LISTS.items() for asked in each.asked]
ORDERS = [(name, f"{minus}{one}") for name, each in LISTS.items() for one in each.page.SORTS for minus in ("", "-")]


@pytest.fixture
def person(viewer: ApiClient) -> ApiClient:
    """Somebody signed in on both, where there is something that each filter finds, and something that it does not."""
    settled, moving = world.settled("prod"), world.moving("test", application="shop")
    Application.objects.filter(pk=moving.application.pk).update(discovered=True, owner="team-shop")
    Image.objects.filter(environment=settled.environment).update(owner=OWNER)
    Cluster.objects.filter(pk=moving.cluster.pk).update(stack="test", detail="blue")
    Cluster.objects.create(
        environment=settled.environment, region=world.REGION, name="api-empty", application=settled.application
    )
    for each in (settled, moving):
        note_conditions(each.environment, world.REGION)
    _builds(settled.application, moving.application)
    _baked(settled, moving)
    _promoted(settled, moving)
    hour = timedelta(hours=1)
    scope = {"environment": "prod", "application": "api", "cluster": "api-prod", "actor": "maria"}
    for number, values in enumerate((scope, {"actor": "jo"}, {})):
        begins = NOW - (9 - number) * hour
        Freeze.objects.create(starts_at=begins, ends_at=begins + hour, reason="night", **values)
    assert viewer.user is not None
    viewer.force_login(viewer.user)
    return viewer


def _builds(*applications: Application) -> None:
    """Of each application an old one and a new one, which differ in all that can be asked for."""
    for application in applications:
        old = Build.objects.create(application=application, package=application.name, version="4.1.9", commit="ff")
        new = Build.objects.create(
            application=application, package=application.name, version="4.2.0", branch="main", commit="00ab", number="7"
        )
        Build.objects.filter(pk=old.pk).update(created_at=NOW - timedelta(hours=2))
        Gate.objects.create(build=old, name="regression", outcome="passed")
        Gate.objects.create(build=new, name="unit", outcome="failed")


def _baked(one: world.World, other: world.World) -> None:
    """A bake in each of two environments; a base image that stands, and one that does not."""
    for made in (one, other):
        baking.recipe(made.application, made.environment)
    baking.base_image(one.environment)
    old = {"name": "debian-11", "architecture": "arm64", "image_id": "ami-0old"}
    baking.base_image(other.environment, **old, withdrawn_at=NOW, withdrawn_by="ada")
    build = Build.objects.create(application=one.application, package="api", version="4.3.0", reported_by="ci")
    baking.bake(one.application, build=build, began=NOW - timedelta(minutes=30))
    late = NOW - timedelta(minutes=90)
    baking.bake(other.application, "9.0", RunState.FAILED, actor="jo", base_image="ami-0old", began=late)


def _promoted(one: world.World, other: world.World) -> None:
    """One promotion stands; an older one, the other way round, came to nothing."""
    promoting.promotion(other.environment, one.environment, PROMOTED)
    late = promoting.promotion(one.environment, other.environment, "ami-0other", RunState.UNDONE)
    values = {"application": "shop", "version": "9.0", "actor": "jo", "live": False}
    Promotion.objects.filter(pk=late.pk).update(**values, created_at=NOW - timedelta(hours=2))


def on_page(client: Client, noun: str, key: str, **query: str) -> list[Any]:
    answer = client.get(f"/{noun}/", query)
    assert answer.status_code == 200
    return [getattr(row, key) for row in answer.context["listing"].rows]


def over_rest(client: Client, noun: str, key: str, **query: str) -> list[Any]:
    """Of every page."""
    found, url, more = [], f"/api/v1/{noun}/", {**query, "page_size": "2"}
    while url:
        answer = client.get(url, more)
        assert answer.status_code == 200, answer.content
        body = answer.json()
        found += [row[key] for row in body["results"]]
        url, more = body["next"], {}
    return found


@pytest.mark.parametrize("name", LISTS)
def test_both_know_the_same_filters_and_each_is_tried_here(name: str) -> None:
    both = LISTS[name]
    assert set(both.page.base_filters) == set(both.view.filterset_class.base_filters) - both.rest_alone
    assert set(both.asked) == set(both.page.base_filters)


@pytest.mark.parametrize(("name", "asked"), FILTERS)
def test_both_find_the_same_by_each_filter(person: ApiClient, name: str, asked: str) -> None:
    both = LISTS[name]
    value = both.asked[asked] or str(KNOWN_LATER[name, asked]())
    found = on_page(person, name, both.key, **{asked: value})
    assert sorted(found) == sorted(over_rest(person, name, both.key, **{asked: value}))
    assert found, "this value finds nothing, so it shows nothing"


@pytest.mark.parametrize(("name", "order"), ORDERS)
def test_both_sort_alike(person: ApiClient, name: str, order: str) -> None:
    key = LISTS[name].key
    assert on_page(person, name, key, sort=order) == over_rest(person, name, key, ordering=order)


def test_an_order_that_there_is_not_is_told(viewer: ApiClient) -> None:
    answer = viewer.read("images/?ordering=colour")
    assert answer.status_code == 400
    orders = ", ".join(f"{each}, -{each}" for each in filters.ImageListFilter.SORTS)
    assert answer.json()["errors"] == [{"field": "ordering", "detail": f"No such order. There are {orders}."}]
    assert viewer.read("events/?ordering=id").status_code == 400  # a list that its page does not sort
