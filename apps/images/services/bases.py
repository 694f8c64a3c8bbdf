"""Approving AMIs as base images, and withdrawing them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from apps.cloud.aws import ec2
from apps.cloud.errors import Invalid as CloudInvalid
from apps.cloud.errors import NotFound
from apps.cloud.values import ImageState
from apps.events.services import record
from apps.images.errors import Invalid
from apps.images.models import BaseImage
from apps.inventory.models import Environment

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
VERSION = re.compile(r"[\x21-\x7e]{0,64}")
ARCHITECTURES = ("x86_64", "arm64")


def approve_base(
    environment: str, region: str, name: str, image_id: str, version: str = "", *, actor: str, reason: str = ""
) -> BaseImage:
    """From now on this AMI is the latest base image of its name and architecture there. AWS is asked whether it is one.

    `version` is what people call it. An AMI that is approved under the name already is answered as it is.
    Raises Invalid, by field, and CloudError where AWS does not answer.
    """
    _check(name, version)
    where = _place(environment, region)
    image = _look(where, region, image_id)
    known = BaseImage.objects.filter(
        environment=where, region=region, name=name, image_id=image_id, withdrawn_at__isnull=True
    )
    try:
        with transaction.atomic():
            return _approve(where, region, name, image, version, actor=actor, reason=reason)
    except IntegrityError:  # it is approved already
        return known.select_related("environment").get()


def withdraw_base(pk: int, *, actor: str, reason: str = "") -> BaseImage:
    """From now on nothing is baked upon it; what was baked stands. Raises BaseImage.DoesNotExist."""
    with transaction.atomic():
        row = BaseImage.objects.select_for_update().get(pk=pk)
        if row.withdrawn_at is None:
            BaseImage.objects.filter(pk=pk).update(withdrawn_at=Now(), withdrawn_by=actor)
            _tell("base_image.withdrawn", row, f"{actor} withdrew the base image {row}.", actor, reason)
    return BaseImage.objects.select_related("environment").get(pk=pk)


def _approve(
    where: Environment, region: str, name: str, image: ImageState, version: str, *, actor: str, reason: str
) -> BaseImage:
    row = BaseImage.objects.create(
        environment=where,
        region=region,
        name=name,
        version=version,
        architecture=image.architecture,
        image_id=image.id,
        approved_by=actor,
    )
    row.refresh_from_db()
    _tell("base_image.approved", row, f"{actor} approved {image.id} as the base image {row}.", actor, reason)
    return row


def _tell(kind: str, row: BaseImage, summary: str, actor: str, reason: str) -> None:
    after = {"name": row.name, "version": row.version, "architecture": row.architecture, "image": row.image_id}
    record(
        kind,
        actor=actor,
        subject=row.image_id,
        summary=summary,
        reason=reason,
        after=after,
        environment=row.environment.name,
        region=row.region,
    )


def _check(name: str, version: str) -> None:
    found: dict[str, list[str]] = {}
    if not NAME.fullmatch(name):
        found["name"] = ["A name is 1 to 64 lower-case letters, digits, '.', '_' and '-', as debian-12."]
    if not VERSION.fullmatch(version):
        found["version"] = ["A version is at most 64 printable characters without spaces, as 2026.11.3."]
    _raise(found)


def _place(environment: str, region: str) -> Environment:
    where = Environment.objects.filter(name=environment).first()
    if where is None:
        raise Invalid({"environment": [f"There is no environment {environment}."]})
    if region not in where.regions:
        raise Invalid({"region": [f"{environment} has no region {region}; it has {', '.join(where.regions)}."]})
    return where


def _look(where: Environment, region: str, image_id: str) -> ImageState:
    try:
        image = ec2.launchable_image(where.target(region), image_id)
    except CloudInvalid as error:
        text = f"{image_id!r} is not an AMI id; it looks like ami-0123456789abcdef0."
        raise Invalid({"image_id": [text]}) from error
    except NotFound as error:
        text = f"There is no AMI {image_id} in {where.name} {region}."
        raise Invalid({"image_id": [text]}) from error
    if image.state != "available":
        raise Invalid({"image_id": [f"{image_id} is {image.state}; wait until it is available."]})
    if image.architecture not in ARCHITECTURES:
        raise Invalid(
            {"image_id": [f"{image_id} is of {image.architecture}; {' and '.join(ARCHITECTURES)} are baked."]}
        )
    return image


def _raise(found: Mapping[str, list[str]]) -> None:
    if found:
        raise Invalid(found)
