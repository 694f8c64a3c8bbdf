"""The user data that instances of the next group get, where their application has a template. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from apps.cloud.values import ImageState
from apps.deployments.situation import Situation
from apps.inventory.user_data import Identity, Template, Unrenderable
from apps.inventory.user_data.lines import Count, counted

PARAM = "user_data"  # of the steps that make what a group launches from: as AWS takes it, encoded
WRITTEN = "user_data_version"  # of the same: the number of the template's version


@dataclass(frozen=True)
class UserDataChange:
    """From the user data of the serving group to that of the next; the texts may be secret.

    `number` is the version of the template, `was` the one that the serving group's came from, where that is recorded.
    `beyond` counts what differs beside who the group is and what it runs: what people changed.
    """

    number: int
    was: int | None
    before: str = field(repr=False)
    after: str = field(repr=False)
    beyond: Count

    @property
    def count(self) -> Count:
        """All lines that differ."""
        return counted(self.before, self.after)


def made(situation: Situation, group: str, launch_template: str) -> str | None:
    """The user data of a group of this name; None where it is left as it is. Raises Unrenderable."""
    template = situation.user_data
    if template is None:
        return None
    return template.render(_identity(situation, group, launch_template, situation.image))


def params(situation: Situation, group: str, launch_template: str) -> dict[str, Any]:
    """The parameters of a step by which the group gets it: frozen with the plan, so a later edit changes nothing.

    Empty where it is left as it is. One that cannot be made refuses the push: see the check of this name.
    """
    try:
        text = made(situation, group, launch_template)
    except Unrenderable:
        return {}
    if text is None or situation.user_data is None:
        return {}
    return {PARAM: base64.b64encode(text.encode()).decode(), WRITTEN: situation.user_data.number}


def member(params: Mapping[str, Any]) -> dict[str, str]:
    """The same as a member of LaunchTemplateData; none where it is left as it is."""
    return {"UserData": params[PARAM]} if PARAM in params else {}


def words(params: Mapping[str, Any], change: UserDataChange | None) -> str:
    """What a step of these parameters says of it, behind what else it says; empty where it is left as it is."""
    if PARAM not in params:
        return ""
    size = len(base64.b64decode(params[PARAM]))
    differs = f", {change.count.words}" if change else ""
    return f"; UserData by version {params[WRITTEN]} of the application's template, {size} bytes{differs}"


def change(situation: Situation, group: str) -> UserDataChange | None:
    """What becomes of the user data; None where it is left as it is, or cannot be made."""
    serving, template, was = situation.serving_group, situation.template, situation.user_data
    if serving is None or template is None or was is None:
        return None
    try:
        after = made(situation, group, template.name)
    except Unrenderable:
        return None
    alike = _as_serving(situation, was, serving.name, template.name)
    before = template.user_data
    return UserDataChange(was.number, situation.user_data_was, before, after or "", counted(before, alike))


def _as_serving(situation: Situation, template: Template, group: str, launch_template: str) -> str:
    """What the serving group would have by the template of now."""
    try:
        return template.render(_identity(situation, group, launch_template, situation.from_image))
    except Unrenderable:  # of the tags of its AMI
        return ""


def _identity(situation: Situation, group: str, launch_template: str, image: ImageState | None) -> Identity:
    known = Identity.of(situation.environment, situation.account, situation.region, situation.cluster)
    known = known.launching(image.id, image.tags) if image else known
    return replace(known, group=group, launch_template=launch_template)
