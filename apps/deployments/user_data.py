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


def made(situation: Situation, group: str) -> str | None:
    """The user data of a group of this name; None where it is left as it is. Raises Unrenderable."""
    template = situation.user_data
    if template is None:
        return None
    return template.render(_identity(situation, group, launch_template(situation), situation.image))


def launch_template(situation: Situation) -> str:
    """The name of what the next group launches from: one that is made, where a launch configuration serves."""
    if situation.configuration or situation.template is None:
        return f"{situation.cluster}-{situation.token[:8]}"
    return situation.template.name


def params(situation: Situation, group: str) -> dict[str, str]:
    """The parameters of a step by which the group gets it: frozen with the plan, so a later edit changes nothing.

    Empty where it is left as it is. One that cannot be made refuses the push: see the check of this name.
    """
    try:
        text = made(situation, group)
    except Unrenderable:
        return {}
    return {} if text is None else {PARAM: base64.b64encode(text.encode()).decode()}


def member(params: Mapping[str, Any]) -> dict[str, str]:
    """The same as a member of LaunchTemplateData; none where it is left as it is."""
    return {"UserData": params[PARAM]} if PARAM in params else {}


def words(situation: Situation, group: str) -> str:
    """What a step says of it, behind what else it says; empty where it is left as it is."""
    changes = change(situation, group)
    if changes is None:
        return ""
    size = len(changes.after.encode())
    return f"; UserData by version {changes.number} of the template, {size} bytes: {changes.count.words}"


def change(situation: Situation, group: str) -> UserDataChange | None:
    """What becomes of the user data; None where it is left as it is, or cannot be made."""
    serving, template, was = situation.serving_group, situation.template, situation.user_data
    if serving is None or template is None or was is None:
        return None
    try:
        after = made(situation, group)
    except Unrenderable:
        return None
    alike = _as_serving(situation, was, serving.name, template.name)
    before = template.user_data
    return UserDataChange(was.number, situation.user_data_was, before, after or "", counted(before, alike))


def _as_serving(situation: Situation, template: Template, group: str, name: str) -> str:
    """What the serving group would have by the template of now."""
    try:
        return template.render(_identity(situation, group, name, situation.from_image))
    except Unrenderable:  # of the tags of its AMI
        return ""


def _identity(situation: Situation, group: str, name: str, image: ImageState | None) -> Identity:
    known = Identity.of(situation.environment, situation.account, situation.region, situation.cluster)
    known = known.launching(image.id, image.tags) if image else known
    return replace(known, group=group, launch_template=name)
