"""How an application's images are made: kept, and checked field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.events.services import record
from apps.images import provisioners
from apps.images.errors import Invalid
from apps.images.models import Recipe
from apps.images.services.recipe_checks import CHECKS, base_problem, where_problems
from apps.inventory.models import Application, Environment
from apps.workflows.options import parse

FIELDS = tuple(  # all of a recipe that people may set
    field.name
    for field in Recipe._meta.concrete_fields  # noqa: SLF001 -- documented _meta
    if field.name not in {"id", "application", "changed_by", "changed_at"}
)


def set_recipe(application: str, values: Mapping[str, Any], *, actor: str, reason: str = "") -> Recipe:
    """Sets what is given of an application's recipe, and leaves the rest; the first one needs its place and base too.

    `environment` is a name. `options` are merged into those that stand, unless the provisioner is another.
    A base image that is named must be approved there. Raises Invalid, by field. Nothing is recorded where nothing
    changes.
    """
    owner = Application.objects.filter(name=application).first()
    if owner is None:
        raise Invalid({"application": [f"There is no application {application}."]})
    with transaction.atomic():
        Application.objects.select_for_update().get(pk=owner.pk)  # two first recipes come one after the other
        row = Recipe.objects.filter(application=owner).select_related("environment").first()
        before = shown(row) if row else {}
        row = row or Recipe(application=owner)
        _take(row, values)
        after = shown(row)
        changed = sorted(name for name in FIELDS if before.get(name) != after[name])
        if not changed:
            return row
        row.changed_by = actor
        row.save()
        record(
            "recipe.changed" if before else "recipe.created",
            actor=actor,
            subject=application,
            summary=_says(actor, application, changed if before else []),
            reason=reason,
            before={name: before[name] for name in changed} if before else None,
            after={name: after[name] for name in changed},
            environment=row.environment.name,
            region=row.region,
        )
    return row


def shown(row: Recipe) -> dict[str, Any]:
    """All that people may set of it, JSON-ready."""
    found = {name: getattr(row, name) for name in FIELDS if name != "environment"}
    return {"environment": row.environment.name, **found}


def _says(actor: str, application: str, changed: list[str]) -> str:
    if changed:
        return f"{actor} changed {', '.join(changed)} of the recipe of {application}."
    return f"{actor} said how images of {application} are made."


def _take(row: Recipe, values: Mapping[str, Any]) -> None:
    """Sets the values on the row, unsaved. Raises Invalid naming all that is wrong."""
    unknown = sorted(set(values) - set(FIELDS))
    if unknown:
        raise Invalid({name: [f"There is no field {name} to set."] for name in unknown})
    found = _missing(row, values)
    for name, value in values.items():
        problem = CHECKS[name](value) if name in CHECKS else ""
        if problem:
            found[name] = [problem]
    _raise(found)
    given, stood = dict(values), _base(row)
    _place(row, given)
    _options(row, given)
    for name, value in given.items():
        setattr(row, name, value)
    _raise({name: [problem] for name, problem in where_problems(row).items()})
    if _base(row) != stood and (problem := base_problem(row)):  # one that was withdrawn since hinders no other change
        raise Invalid({"base": [problem]})
    _whole(row)


def _base(row: Recipe) -> tuple[int, str, str, str]:
    """What says which base images may be meant."""
    return row.environment_id, row.region, row.base, row.architecture


def _missing(row: Recipe, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """The first recipe of an application names these."""
    if row.pk:
        return {}
    needed = ("environment", "region", "base", "provisioner")
    return {name: ["A new recipe needs this."] for name in needed if not values.get(name)}


def _place(row: Recipe, given: dict[str, Any]) -> None:
    if "environment" not in given:
        return
    name = given.pop("environment")
    found = Environment.objects.filter(name=name).first()
    if found is None:
        raise Invalid({"environment": [f"There is no environment {name}."]})
    row.environment = found


def _options(row: Recipe, given: dict[str, Any]) -> None:
    """The provisioner with its options, complete, and what it says of repository and package."""
    slug = given.get("provisioner", row.provisioner)
    if slug not in provisioners.all():
        raise Invalid({"provisioner": [f"{slug!r} is none of {', '.join(provisioners.all())}."]})
    provisioner = provisioners.get(slug)
    stand = row.options if slug == row.provisioner else {}
    options: Any = parse(provisioner.options_type, {**stand, **given.get("options", {})})
    given["options"] = asdict(options)
    repository = given.get("repository", row.repository)
    package = given.get("package", row.package) or row.application.name
    problems = provisioner.problems(package, repository, options)
    _raise({name: [problem] for name, problem in problems.items()})


def _whole(row: Recipe) -> None:
    """Django's own checks: lengths and types."""
    try:
        row.full_clean(exclude=["application", "environment", "copies", "options", "security_groups", "gates"])
    except ValidationError as error:
        raise Invalid(error.message_dict) from error


def _raise(found: Mapping[str, list[str]]) -> None:
    if found:
        raise Invalid(found)
