"""Bakes: previewed, started or joined, cancelled, tried again."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from django.db.models import QuerySet

from apps.cloud.aws import ec2, pace
from apps.events.services import record
from apps.images.errors import CannotCancel, Refused
from apps.images.models import Bake, Build
from apps.images.plan import plan
from apps.images.requests import BakePreview, BakeRequest
from apps.images.selectors import live_bake
from apps.images.selectors.janitor import going
from apps.images.services.joining import comes_to_be, joined_or_started
from apps.images.services.understood import Understood, understand
from apps.workflows import services as workflows
from apps.workflows.models import Run
from apps.workflows.plans import PlannedStep
from apps.workflows.selectors import usual_seconds
from apps.workflows.states import RunState

KIND = "bake"
NAME = 128  # characters of an AMI's name, at most


@dataclass(frozen=True)
class _Start:
    """What is written when a bake starts."""

    understood: Understood
    request: BakeRequest
    actor: str
    nonce: str
    instead_of: Bake | None


@pace.patiently()
def preview_bake(request: BakeRequest) -> BakePreview:
    """What a bake would do. Raises Invalid, or CloudError; what else stands against it is among the findings."""
    try:
        understood = understand(request)
    except Refused as error:
        return BakePreview(f"Bake {request.application} {request.version}", "", "", "", None, (), (str(error),))
    live = live_bake(understood.key)
    existing = live if live and not request.rebake and _answers(live) else None
    nonce = secrets.token_hex(16)
    return BakePreview(
        _sentence(understood, existing),
        understood.base.image_id,
        str(understood.base),
        understood.key,
        existing,
        () if existing else _plan(understood, nonce),
        notes=() if existing else tuple(_notes(understood)),
    )


def _notes(understood: Understood) -> Iterator[str]:
    """1 query where no build is of what is to be baked."""
    application, package = understood.recipe.application, understood.package
    if understood.build is None and Build.objects.filter(application=application, package=package).exists():
        yield (
            f"CI reported no build of {package} {understood.version}. Whether the repository has it, the builder finds "
            "out once it runs."
        )


@pace.patiently()
def bake(request: BakeRequest, *, actor: str) -> Bake:
    """The bake that makes the image, or has made it: then it is `joined`. With `rebake`, a new one in any case.

    Raises Invalid, Refused, or CloudError; nothing is created then. Of requests at the same time, one starts a bake.
    """
    asked = partial(_bake, understand(request), request, actor)
    return joined_or_started(asked, "Others ask for the same image again and again. Look at its bakes, then ask again.")


def cancel_bake(pk: int, *, actor: str, reason: str = "") -> Bake:
    """Has a bake that is under way undone: nothing is left of it. Raises CannotCancel, and Bake.DoesNotExist."""
    found = _bakes().get(pk=pk)
    try:
        workflows.cancel(found.run_id, actor=actor, reason=reason)
    except workflows.CannotDecide as error:
        raise CannotCancel(str(error)) from error
    return _bakes().get(pk=pk)


def resume_bake(pk: int, *, actor: str, reason: str = "") -> Bake:
    """Tries the step again of a bake that asked for a person. Raises CannotCancel, and Bake.DoesNotExist."""
    found = _bakes().get(pk=pk)
    try:
        workflows.resume(found.run_id, actor=actor, reason=reason)
    except workflows.CannotDecide as error:
        raise CannotCancel(str(error)) from error
    return _bakes().get(pk=pk)


def _bake(understood: Understood, request: BakeRequest, actor: str) -> Bake:
    live = live_bake(understood.key)
    if live and not request.rebake and _answers(live):
        return _join(live, request, actor)
    return _start(_Start(understood, request, actor, secrets.token_hex(16), live))


def _answers(live: Bake) -> bool:
    """Whether a bake still answers for its key: it goes on, or each image that it made is there and stays. Raises
    CloudError.
    """
    if not live.run.ended:
        return comes_to_be(live.run)
    if live.run.state != RunState.SUCCEEDED:
        return False
    images = list(live.images.all())
    if not images or any(each.deleted_at for each in images) or going([each.image_id for each in images]):
        return False
    return all(_stands(live, each.region, each.image_id) for each in images)


def _stands(live: Bake, region: str, image_id: str) -> bool:
    found = ec2.find_image(live.environment.target(region), image_id)
    return found is not None and found.state == "available"


def _join(live: Bake, request: BakeRequest, actor: str) -> Bake:
    what = "stands already" if live.run.ended else "is on its way already"
    record(
        "bake.joined",
        actor=actor,
        subject=live.application.name,
        summary=f"{actor} asked for an image of {live.package} {live.version}; it {what} (bake {live.pk})",
        reason=request.reason,
        run=live.run_id,
        environment=live.environment.name,
        region=live.region,
    )
    live.joined = True
    return live


def _plan(understood: Understood, nonce: str) -> tuple[PlannedStep, ...]:
    """Its steps, with what the last bakes of the same environment took for them. 1 query."""
    usual = usual_seconds(Run.objects.filter(bake__environment=understood.recipe.environment))
    return plan(understood.frozen, understood.package, understood.version, nonce, usual)


def _start(start: _Start) -> Bake:
    """Row, run, lock and event in one transaction. Raises IntegrityError where another bake has the key."""
    made: list[Bake] = []
    understood = start.understood
    workflows.start(
        kind=KIND,
        subject=f"{understood.package} {understood.version}"[:255],
        steps=_plan(understood, start.nonce),
        actor=start.actor,
        reason=start.request.reason,
        lock=f"{KIND}:{start.nonce}",
        created=partial(_created, start, made),
    )
    return _bakes().get(pk=made[0].pk)


def _created(start: _Start, made: list[Bake], run: Run) -> None:
    understood = start.understood
    if start.instead_of is not None:
        Bake.objects.filter(pk=start.instead_of.pk).update(live=False)
    row = Bake.objects.create(
        application=understood.recipe.application,
        build=understood.build,
        run=run,
        key=understood.key,
        nonce=start.nonce,
        recipe=understood.frozen,
        package=understood.package,
        version=understood.version,
        environment=understood.recipe.environment,
        region=understood.recipe.region,
        architecture=understood.recipe.architecture,
        base_image=understood.base.image_id,
        image_name=image_name(understood.recipe.application.name, understood.version, start.nonce),
        actor=start.actor,
        reason=start.request.reason,
    )
    Run.objects.filter(pk=run.pk).update(called=f"{KIND} {row.pk}")
    made.append(row)
    record(
        "bake.requested",
        actor=start.actor,
        subject=row.application.name,
        summary=f"{start.actor} asked: {_sentence(understood, None)}",
        reason=start.request.reason,
        after={"package": row.package, "version": row.version, "base_image": row.base_image, "image": row.image_name},
        run=run.pk,
        environment=row.environment.name,
        region=row.region,
    )


def image_name(application: str, version: str, nonce: str) -> str:
    """The AMI's name: unique, with what AWS does not allow in one replaced."""
    return f"{re.sub(r'[^A-Za-z0-9._/-]', '-', f'{application}-{version}')[: NAME - 13]}-{nonce[:12]}"


def _sentence(understood: Understood, existing: Bake | None) -> str:
    if existing is not None:
        how = "stands already" if existing.run.ended else "is on its way already"
        return f"The image of {understood.package} {understood.version} {how} (bake {existing.pk})"
    copies = understood.frozen["copies"]
    also = f", with copies in {', '.join(copies)}" if copies else ""
    place = f"{understood.recipe.environment} {understood.recipe.region}"
    return f"Bake {understood.package} {understood.version} upon {understood.base} in {place}{also}"


def _bakes() -> QuerySet[Bake]:
    return Bake.objects.select_related("run", "application", "environment", "build")
