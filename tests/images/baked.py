"""Images as bakes leave them, in rows: a bake with its run, what is installed, and the build that it was made of.

With them come fixtures: rows of one application, and a cache that remembers nothing of another test.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from apps.images.models import Bake, BakedImage, Build, Manifest, Recipe
from apps.inventory.models import Application, Environment, Image
from apps.workflows.models import Run
from tests.console import world

BASE = "ami-0ba5e0000000000a1"


@pytest.fixture(autouse=True)
def forgetful(settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


@pytest.fixture
def made(db: None) -> world.World:
    """An environment with the application `api` and an empty cluster."""
    return world.build()


def baked(
    image: Image,
    packages: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    *,
    base: str = BASE,
    commit: str = "",
) -> Bake:
    """The bake that made an AMI; without packages it recorded no manifest, with a commit it has a build."""
    application = Application.objects.get(name=image.application)
    run = Run.objects.create(kind="bake", subject=image.name, actor="maria", state="succeeded", due_at=None)
    build = None
    if commit:
        url = f"https://ci.example.com/{image.build}"
        build = Build.objects.create(
            application=application,
            package=application.name,
            version=image.version,
            number=image.build,
            commit=commit,
            url=url,
            reported_by="ci",
        )
    manifest = Manifest.objects.create(packages=dict(packages), files=dict(files or {})) if packages else None
    bake = Bake.objects.create(
        application=application,
        build=build,
        run=run,
        key=image.image_id,
        nonce=image.image_id,
        recipe={},
        package=application.name,
        version=image.version,
        environment=image.environment,
        region=image.region,
        architecture=image.architecture,
        base_image=base,
        image_name=image.name,
        actor="maria",
        manifest=manifest,
    )
    BakedImage.objects.create(bake=bake, region=image.region, image_id=image.image_id)
    return bake


def recipe(application: Application, environment: Environment, **values: str) -> Recipe:
    """How the application is baked; `values` are about its commits and tickets."""
    defaults = {"environment": environment, "region": "us-east-1", "base": "debian-12", "provisioner": "apt"}
    return Recipe.objects.create(application=application, **{**defaults, **values})
