"""The page of a launch template: its versions as AWS tells them now, who launches them, and what differs."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from apps.cloud.errors import CloudError
from apps.console.build.group_details import as_text
from apps.console.pages.launch_template import Difference, LaunchTemplatePage, VersionLine
from apps.inventory.models import LaunchTemplate
from apps.inventory.services import template_versions
from apps.inventory.services.template_versions import Version, Versions, versions_of


def launch_template_page(row: LaunchTemplate, before: str, after: str) -> LaunchTemplatePage:
    """Compares the versions named, else the newest with the one before it; what AWS does not answer is said."""
    problem, found = "", Versions((), 0, 0, ())
    try:
        found = versions_of(row, _number(before), _number(after))
    except CloudError as error:
        problem = f"AWS did not tell its versions: {error}"
    asked = ((text, _number(text)) for text in (before, after) if text)
    unknown = next((text for text, number in asked if number is None or not found.has(number)), "")
    return LaunchTemplatePage(
        environment=row.environment.name,
        region=row.region,
        name=row.name,
        id=row.template_id,
        versions=tuple(_line(each) for each in found.versions),
        before=found.before,
        after=found.after,
        differences=tuple(map(_difference, found.differences)),
        unknown=unknown,
        problem=problem,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _difference(found: template_versions.Difference) -> Difference:
    return Difference(found.member, _text(found.before), _text(found.after))


def _text(value: Any) -> str:
    return "" if value is None else as_text(value)


def _line(version: Version) -> VersionLine:
    state = version.state
    return VersionLine(
        number=state.version,
        image=state.image_id,
        type=state.instance_type,
        description=state.description,
        created_at=state.created_at,
        default=version.default,
        used_by=tuple(
            (group.name, reverse("console:group", args=[group.environment.name, group.region, group.name]))
            for group in version.groups
        ),
    )
