"""Bakes from rows: as lines of a list, and the page of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from django.urls import reverse

from apps.accounts.models import Role, User
from apps.console import words
from apps.console.access import missing_role
from apps.console.build.inside import inside_of
from apps.console.build.run import goes_on, headline, steering, told
from apps.console.build.states import run_state
from apps.console.build.steps import step_lines
from apps.console.build.tries import calls_of
from apps.console.build.undo import undo_lines
from apps.console.pages.bakes import BakeLine, BakePage, MadeLine
from apps.console.pages.common import Action, State
from apps.events.selectors import of_run
from apps.images.models import Bake, Manifest
from apps.images.progress import progress, tail
from apps.inventory.models import Cluster, Image


def what(bake: Bake) -> str:
    """A bake in a few words."""
    return f"{bake.package} {bake.version}"


def bake_line(bake: Bake) -> BakeLine:
    """Needs the run, application and environment loaded."""
    run = bake.run
    began = run.started_at or run.created_at
    return BakeLine(
        id=bake.pk,
        state=run_state(run.state),
        what=what(bake),
        package=bake.package,
        application=bake.application.name,
        environment=bake.environment.name,
        region=bake.region,
        actor=bake.actor,
        reason=bake.reason,
        at=bake.created_at,
        seconds=float(round((run.ended_at - began).total_seconds())) if run.ended_at else None,
        says=words.first_clause(run.failure if run.ended else run.says),
    )


def bake_page(bake: Bake, user: User) -> BakePage:
    """Everything the page shows of a bake read by `selectors.detail`."""
    run, steps, now = bake.run, list(bake.run.steps.all()), progress(bake)
    shown, cut = tail(bake)
    images, inside = _images(bake, may_push=user.may(Role.OPERATOR)), inside_of(bake.manifest)
    return BakePage(
        id=bake.pk,
        title=f"Bake of {what(bake)}",
        application=bake.application.name,
        headline=State(run_state(run.state).kind, headline(run, now.sentence, now.total_steps)),
        advice=now.next_hint,
        live=not run.ended,
        steps=step_lines(steps, run),
        undo=undo_lines(steps, run),
        facts=tuple((name, value) for name, value in _facts(bake) if value),
        actor=bake.actor,
        reason=bake.reason,
        created_at=bake.created_at,
        ended_at=run.ended_at,
        started_at=run.started_at,
        expected_seconds=now.expected_seconds if goes_on(run) else 0.0,
        actions=_actions(bake, user),
        events=told(of_run(run.pk)),
        calls=tuple(calls_of(steps)),
        links=(
            *links_of(bake),
            *([(now.next_hint, "#images")] if any(each.push for each in images) else ()),
            *([(manifest_words(bake.manifest), "#inside")] if inside else ()),
        ),
        images=images,
        inside=inside,
        inside_words=manifest_words(bake.manifest),
        log=shown,
        log_words=cut,
    )


def links_of(bake: Bake) -> Iterator[tuple[str, str]]:
    """Where its application, its build and its base image are told, by what facts call them. No query."""
    yield bake.application.name, reverse("console:application", args=[bake.application.name])
    yield bake.base_image, f"{reverse('console:base-images')}?{urlencode({'image': bake.base_image})}"
    if bake.build:
        yield str(bake.build), reverse("console:build", args=[bake.build.pk])


def _facts(bake: Bake) -> Iterator[tuple[str, str]]:
    recipe = bake.recipe
    yield "Application", bake.application.name
    yield "Package", what(bake)
    yield "Build", str(bake.build) if bake.build else ""
    yield "Base image", base_words(bake)
    yield "Architecture", bake.architecture
    yield "Made in", f"{bake.environment.name} {bake.region}"
    yield "Copied to", ", ".join(recipe.get("copies") or ())
    yield "Provisioner", str(recipe.get("provisioner", ""))
    yield "Repository", str(recipe.get("repository", ""))
    yield "Image name", bake.image_name
    yield "Builder", bake.builder
    yield "Manifest", manifest_words(bake.manifest)


def base_words(bake: Bake) -> str:
    """The image that it was baked upon: as what it was approved, and its AMI."""
    base = bake.recipe.get("base_image") or {}
    return " ".join(filter(None, [base.get("name", ""), base.get("version", ""), bake.base_image]))


def manifest_words(manifest: Manifest | None) -> str:
    """What was recorded of an image's content, in short; empty where nothing was."""
    if manifest is None:
        return ""
    packages, files = len(manifest.packages), len(manifest.files)
    said = f"{packages} package{'' if packages == 1 else 's'}, {files} configuration file{'' if files == 1 else 's'}"
    return f"{said}; {manifest.lost} pieces of the list were lost" if manifest.lost else said


def _actions(bake: Bake, user: User) -> tuple[Action, ...]:
    role = missing_role(user, Role.OPERATOR)
    if not bake.run.ended:
        cancel, retry = (reverse(f"console:bake-{each}", args=[bake.pk]) for each in ("cancel", "retry"))
        return steering(bake.run, cancel, retry, role)
    asked = {"application": bake.application.name, "version": bake.version, "package": bake.package}
    build = {"build": bake.build_id} if bake.build_id else asked
    return (Action("Bake again…", f"{reverse('console:bake-new')}?{urlencode(build)}", blocked=role),)


def _images(bake: Bake, *, may_push: bool) -> tuple[MadeLine, ...]:
    """The AMIs by region, with the clusters of the same account that they can be pushed to; two queries where any."""
    made = list(bake.images.all())
    if not made:
        return ()
    ids = [each.image_id for each in made]
    known = set(Image.objects.filter(image_id__in=ids).values_list("image_id", flat=True))
    clusters = Cluster.objects.filter(
        application=bake.application,
        environment__account_id=bake.environment.account_id,
        region__in=[each.region for each in made],
    ).select_related("environment")
    there = list(clusters.order_by("environment__name", "name")) if may_push else []
    return tuple(
        MadeLine(
            id=each.image_id,
            region=each.region,
            made_at=each.created_at,
            href=reverse("console:image", args=[each.image_id]) if each.image_id in known else "",
            deleted_at=each.deleted_at,
            push=() if each.deleted_at else tuple(pushes(each.image_id, each.region, there)),
        )
        for each in made
    )


def pushes(image: str, region: str, clusters: Iterable[Cluster]) -> Iterator[tuple[str, str]]:
    """The clusters of the region, by name and environment, and where the form is that pushes the AMI to each."""
    for each in clusters:
        if each.region == region:
            address = reverse("console:push", args=[each.environment.name, region, each.name])
            yield f"{each.name} in {each.environment.name}", f"{address}?{urlencode({'image': image})}"
