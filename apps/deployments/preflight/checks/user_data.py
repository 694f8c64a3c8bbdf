"""What the application's user data template means for the next group; where it has none, nothing is said."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.naming import parse
from apps.cloud.values import GroupState
from apps.deployments import user_data
from apps.deployments.errors import Finding
from apps.deployments.preflight.plain import Asked, plain_check
from apps.deployments.situation import Situation
from apps.deployments.user_data import UserDataChange
from apps.inventory.user_data import Template, Unrenderable


@plain_check
def user_data_of_the_template(situation: Situation, serving: GroupState, asked: Asked) -> Iterator[Finding]:
    """Refuses what cannot be made, and tells what changes beyond who the group is and what it runs."""
    del asked
    template = situation.user_data
    if template is None or situation.template is None:
        return
    group = _as_long_as_the_next(serving.name)
    try:
        user_data.made(situation, group)
    except Unrenderable as error:
        yield unmade(template, error)
        return
    change = user_data.change(situation, group)
    if change and change.beyond:
        yield _told(change, template, serving.name)


def unmade(template: Template, error: Unrenderable) -> Finding:
    """That the template makes no user data here."""
    text = f"Version {template.number} of the user data template makes none here: {error}"
    return Finding("refuse", "user-data-unmade", text, "UserData")


def _told(change: UserDataChange, template: Template, serving: str) -> Finding:
    by = f"version {template.number} of the template ({template.actor}: {template.reason})"
    if change.was is None:
        text = f"The user data of {serving} was not made by the template: {by} replaces it: {change.beyond.words}."
        return Finding("warn", "user-data-replaced", text, "UserData")
    if change.was == change.number:
        text = f"The user data of {serving} is not what {by} made of it; it is made anew: {change.beyond.words}."
        return Finding("warn", "user-data-replaced", text, "UserData")
    text = f"The user data changes from version {change.was} to {by}: {change.beyond.words}."
    return Finding("note", "user-data-changes", text, "UserData")


def _as_long_as_the_next(serving: str) -> str:
    """A name as long as the next group's will be at most."""
    name = parse(serving)
    return f"{serving}-v000" if name and name.sequence is None else serving
