"""Writing an application's user data template, and reading it: it may hold secrets, so each look is recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.events.services import record
from apps.inventory.models import Application, UserData
from apps.inventory.selectors import user_data as selectors
from apps.inventory.selectors.user_data import Spot
from apps.inventory.services.user_data_checks import check
from apps.inventory.user_data import Identity, Template

EDITABLE = ("text", "variables", "prefix")
DEFAULT_PREFIX = "CLOUD_"


@dataclass(frozen=True)
class Rendered:
    """User data as a group gets it, from which version, and who the group is."""

    text: str
    number: int
    identity: Identity

    @property
    def size(self) -> int:
        """In bytes, as AWS counts it."""
        return len(self.text.encode())


def set_user_data(
    application: str, values: Mapping[str, Any], *, actor: str, reason: str, seen: int | None = None
) -> UserData:
    """Writes the next version: what is given of text, variables and prefix is changed, the rest taken over.

    `variables` are by environment; an environment that is not named keeps its own. An empty text takes the template
    away. `seen`, where given, is the number of the version that was looked at: 0 for none. Nothing is written where
    nothing changes. Raises ValidationError, by field (`variables.prod`), and Application.DoesNotExist.
    """
    with transaction.atomic():
        owner = Application.objects.select_for_update().get(name=application)
        row = selectors.newest(application)
        if seen is not None and seen != (row.number if row else 0):
            raise ValidationError({"text": [_meanwhile(row)]})
        before = selectors.as_template(row) if row else Template(0, "", {}, DEFAULT_PREFIX)
        after = _changed(before, values)
        check(after, reason, selectors.spots(owner))
        if row and _shown(before) == _shown(after):
            return row
        made = UserData.objects.create(
            application=owner,
            number=before.number + 1,
            text=after.text,
            variables=dict(after.variables),
            prefix=after.prefix,
            actor=actor,
            reason=reason.strip(),
        )
        made.refresh_from_db(fields=["created_at"])
        record(
            "application.user_data_changed",
            actor=actor,
            subject=application,
            summary=_says(actor, application, made, before),
            reason=reason.strip(),
            before=_outline(before) if row else None,
            after=_outline(selectors.as_template(made)),
        )
    return made


def preview_user_data(application: Application, values: Mapping[str, Any]) -> tuple[Template, tuple[Rendered, ...]]:
    """What the next version would be, and what comes of it at each place; nothing is written.

    Raises ValidationError, by field.
    """
    row = selectors.newest(application.name)
    after = _changed(selectors.as_template(row) if row else Template(0, "", {}, DEFAULT_PREFIX), values)
    places = selectors.spots(application)
    check(after, "a preview", places)
    shown = places if after.text else ()
    return after, tuple(Rendered(after.render(place.identity), after.number, place.identity) for place in shown)


def read_user_data(application: Application, number: int | None, *, actor: str) -> UserData:
    """One version with its text and values; None: the one that holds. Recorded. Raises UserData.DoesNotExist."""
    found = selectors.versions(application.name)
    row = found.first() if number is None else found.filter(number=number).first()
    if row is None:
        raise UserData.DoesNotExist
    _looked(application.name, f"version {row.number} of the user data template", actor)
    return row


def render_user_data(
    application: Application, spot: Spot, *, actor: str, number: int | None = None, image: str = ""
) -> Rendered:
    """The user data that a group of this place would get, with another `image` than it has where one is named.

    Recorded. Raises UserData.DoesNotExist, Unrenderable, and ValidationError for an image that nobody knows.
    """
    row = selectors.holding(application.name) if number is None else None
    row = row or (selectors.versions(application.name).filter(number=number).first() if number else None)
    if row is None:
        raise UserData.DoesNotExist
    identity = spot.identity
    if image:
        tags = selectors.tags_of(image)
        if tags is None:
            raise ValidationError({"image": [f"There is no AMI {image} that an environment owns, was given or runs."]})
        identity = identity.launching(image, tags)
    made = Rendered(selectors.as_template(row).render(identity), row.number, identity)
    _looked(application.name, f"user data for {spot.cluster} by version {row.number} of the template", actor, spot)
    return made


def digest(text: str) -> str:
    """Tells whether two texts differ, and no more: for those who may not read them."""
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def _looked(application: str, what: str, actor: str, spot: Spot | None = None) -> None:
    """The event of a look, at a place where it was at one."""
    record(
        "user_data.read",
        actor=actor,
        subject=application,
        summary=f"{actor} read the {what} of {application}",
        environment=spot.environment if spot else "",
        region=spot.region if spot else "",
        cluster=spot.cluster if spot else "",
    )


def _changed(before: Template, values: Mapping[str, Any]) -> Template:
    unknown = sorted(set(values) - set(EDITABLE))
    if unknown:
        raise ValidationError({name: [f"There is no field {name} to set."] for name in unknown})
    given = dict(values)
    if "variables" in given:
        merged = {**before.variables, **given["variables"]}
        given["variables"] = {name: dict(own) for name, own in sorted(merged.items()) if own}
    return replace(before, **given)


def _meanwhile(row: UserData | None) -> str:
    who = f" by {row.actor} ({row.reason})" if row else ""
    return f"It was changed meanwhile{who}. What you typed is kept here: read the newest version beside it, then save."


def _shown(template: Template) -> tuple[Any, ...]:
    return template.text, dict(template.variables), template.prefix


def _says(actor: str, application: str, made: UserData, before: Template) -> str:
    if not made.text:
        return f"{actor} took the user data template of {application} away (version {made.number})."
    if not before.text:
        return f"{actor} gave {application} a user data template (version {made.number})."
    after = selectors.as_template(made)
    changed = [name for name in EDITABLE if getattr(before, name) != getattr(after, name)]
    return f"{actor} changed {', '.join(changed)} of the user data template of {application}: version {made.number}."


def _outline(template: Template) -> dict[str, Any]:
    """What an event may tell of it: neither its text nor values."""
    return {
        "version": template.number,
        "bytes": len(template.text.encode()),
        "digest": digest(template.text),
        "prefix": template.prefix,
        "variables": {name: sorted(own) for name, own in template.variables.items()},
    }
