"""Search over REST answers as its own description says, whatever is found."""

from __future__ import annotations

from typing import Any

from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft7Validator

from apps.console.build.found import TITLES
from apps.deployments.models import Deployment
from apps.images.models import Build
from apps.inventory.models import Instance
from tests.api.conftest import ApiClient
from tests.console import baking, world


def described() -> dict[str, Any]:
    """The schema of a hit, with what it refers to in place."""
    components = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]
    hit: dict[str, Any] = dict(components["Hit"])
    names = {name: each["$ref"].rpartition("/")[2] for name, each in hit["properties"].items() if "$ref" in each}
    return {**hit, "properties": {**hit["properties"], **{name: components[one] for name, one in names.items()}}}


def test_every_kind_that_can_be_found_is_described_and_led_to(viewer: ApiClient) -> None:
    settled = world.settled()
    Build.objects.create(application=settled.application, package="api", version="4.2.0", commit="00ab12", number="7")
    baking.recipe(settled.application, settled.environment)
    baking.bake(settled.application)
    schema = described()
    instance, deployment = Instance.objects.earliest("instance_id"), Deployment.objects.latest("pk")
    hits = [
        hit
        for words in ("api", instance.instance_id, f"#{deployment.pk}", "00ab")
        for hit in viewer.send("GET", f"search/?q={words.replace('#', '%23')}").json()
    ]
    for hit in hits:
        Draft7Validator(schema).validate(hit)
        assert viewer.get(hit["url"]).status_code == 200, hit
    assert {hit["kind"] for hit in hits} == set(schema["properties"]["kind"]["enum"]) == set(TITLES)
