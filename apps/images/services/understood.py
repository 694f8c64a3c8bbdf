"""A request for a bake, understood: recipe, base image, build and key. Reads AWS, changes nothing."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.cloud.aws import ec2
from apps.cloud.errors import Invalid as CloudInvalid
from apps.cloud.errors import NotFound
from apps.images import builder, provisioners
from apps.images.errors import Invalid, Refused
from apps.images.models import BaseImage, Build, Recipe
from apps.images.provisioners import Provisioner
from apps.images.requests import BakeRequest
from apps.images.selectors import latest_base, pinned_base, recipe_of
from apps.images.services.recipes import shown
from apps.inventory.models import Application
from apps.workflows.options import parse

CHECKED = tuple(field.name for field in Recipe._meta.concrete_fields if field.name.startswith("check_"))  # noqa: SLF001 -- documented _meta
ASIDE = frozenset(
    {"bucket", "gates", "git", "ticket_pattern", "ticket_url", "timeout_seconds", *CHECKED}
)  # not in the image


@dataclass(frozen=True)
class Understood:
    """All that a bake is made from. `frozen` is the recipe as it is now, with the base image that it means."""

    recipe: Recipe
    base: BaseImage
    build: Build | None
    package: str
    version: str
    frozen: Mapping[str, Any]
    key: str


def understand(request: BakeRequest) -> Understood:
    """Raises Invalid for what the request says wrong, Refused for what stands against it, or CloudError."""
    recipe = _recipe(request.application)
    build = _build(request, recipe.application)
    package = request.package or (build.package if build else "") or recipe.package or request.application
    check_version(recipe, package, request.version)
    base = _base(recipe)
    _look(recipe, base)
    build = build or _reported(recipe.application, package, request.version)
    named = {"image_id": base.image_id, "name": base.name, "version": base.version}
    frozen = {**shown(recipe), "base_image": named}
    understood = Understood(
        recipe,
        base,
        build,
        package,
        request.version,
        frozen,
        key_of(request.application, frozen, package, request.version, build),
    )
    _fits(understood)
    return understood


def _recipe(application: str) -> Recipe:
    if not Application.objects.filter(name=application).exists():
        raise Invalid({"application": [f"There is no application {application}."]})
    recipe = recipe_of(application)
    if recipe is None:
        raise Refused(f"Nobody has said yet how images of {application} are made. Give it a recipe first.")
    return recipe


def _build(request: BakeRequest, application: Application) -> Build | None:
    if request.build is None:
        return None
    build = Build.objects.filter(pk=request.build, application=application).first()
    if build is None:
        raise Invalid({"build": [f"{application} has no build {request.build}."]})
    if build.version != request.version:
        raise Invalid({"version": [f"Build {build.pk} is of version {build.version}."]})
    if request.package and build.package != request.package:
        raise Invalid({"package": [f"Build {build.pk} is of the package {build.package}."]})
    return build


def _reported(application: Application, package: str, version: str) -> Build | None:
    """The build that CI reported last of what is to be baked."""
    found = Build.objects.filter(application=application, package=package, version=version)
    return found.order_by("-id").first()


def _provisioner(recipe: Recipe) -> Provisioner:
    if recipe.provisioner not in provisioners.all():
        raise Refused(f"The recipe names the provisioner {recipe.provisioner}, which there is no more. Choose another.")
    return provisioners.get(recipe.provisioner)


def check_version(recipe: Recipe, package: str, version: str) -> None:
    """Whether the recipe can install this version of the package. Raises Invalid or Refused."""
    provisioner = _provisioner(recipe)
    problem = provisioner.version_problem(version)
    if problem:
        raise Invalid({"version": [problem]})
    options: Any = parse(provisioner.options_type, recipe.options)
    wrong = provisioner.problems(package, recipe.repository, options)
    if "package" in wrong:
        raise Invalid({"package": [wrong["package"]]})
    if wrong:
        raise Refused(f"The recipe of {recipe.application} needs mending. {' '.join(wrong.values())}")


def _base(recipe: Recipe) -> BaseImage:
    place = (recipe.environment.name, recipe.region, recipe.base, recipe.architecture)
    base = pinned_base(*place, recipe.base_pinned) if recipe.base_pinned else latest_base(*place)
    if base is None:
        what = f"{recipe.base_pinned} as {recipe.base}" if recipe.base_pinned else f"a base image {recipe.base}"
        raise Refused(
            f"Nobody has approved {what} for {recipe.architecture} in {recipe.environment} {recipe.region}, or it was "
            "withdrawn. Approve one, or choose another in the recipe."
        )
    return base


def _look(recipe: Recipe, base: BaseImage) -> None:
    """Whether AWS has the base image, and a type of machine that runs it."""
    target = recipe.environment.target(recipe.region)
    try:
        state = ec2.launchable_image(target, base.image_id).state
        runs = ec2.architectures(target, [recipe.instance_type])[recipe.instance_type]
    except (NotFound, CloudInvalid) as error:
        raise Refused(f"{str(error).rstrip('.')}. Approve another base image, or mend the recipe.") from error
    if state != "available":
        raise Refused(f"The base image {base} ({base.image_id}) is {state}. Approve another.")
    if recipe.architecture not in runs:
        raise Refused(
            f"A {recipe.instance_type} runs {' and '.join(runs)}, and the recipe says {recipe.architecture}. Choose "
            "another instance type in the recipe."
        )


def _fits(understood: Understood) -> None:
    """Whether what the builder is told fits into its user data."""
    told = builder.compose(understood.frozen, understood.package, understood.version, secrets.token_hex(16))
    over = len(told.encode()) + builder.URL_BYTES - builder.MOST_BYTES
    if over > 0:
        raise Refused(f"What the builder is told is {over} bytes too long for user data. Shorten the recipe's options.")


def key_of(application: str, frozen: Mapping[str, Any], package: str, version: str, build: Build | None) -> str:
    """The same for all that would make the same image. `frozen` is the recipe with the base image that it means.

    Of a recipe all is in it but what `ASIDE` names, so that a field which comes later is.
    """
    inside = {name: value for name, value in frozen.items() if name not in ASIDE}
    told = {"number": build.number, "commit": build.commit} if build else {}
    whole = {
        "format": builder.FORMAT,
        "application": application,
        "recipe": inside,
        "package": package,
        "version": version,
        "build": told,
    }
    canonical = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
