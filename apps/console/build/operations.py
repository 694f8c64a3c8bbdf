"""What is offered to be done by hand: to a group in its head, to an instance on its line and on its own page."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from apps.accounts.models import Role, User
from apps.console.access import missing_role
from apps.console.build.instances import ORDER
from apps.console.pages.common import Action
from apps.deployments import operations
from apps.deployments.operations import Danger, Operation
from apps.inventory.models import Group, Instance
from apps.inventory.selectors.words import condition


def on_group(row: Group, user: User, *, often: bool) -> tuple[Action, ...]:
    """The operations on a group that people come for, or else all others; none on one that is left alone.

    What is least dangerous comes first; what has no way back stands apart.
    """
    found = [each for each in operations.all().values() if each.of == "group" and each.often == often]
    return _offered(row, user, found)


def on_instance(row: Group | None, instance: str, user: User) -> tuple[Action, ...]:
    """Every operation on one instance of a group."""
    found = [each for each in operations.all().values() if each.of == "instance"]
    return _offered(row, user, found, f"?instance={instance}") if row else ()


def on_part(row: Group, part: str, name: str, kind: str, user: User) -> tuple[Action, ...]:
    """Every operation on one policy or schedule of a group, which is of a kind as AWS has it."""
    found = [each for each in operations.all().values() if each.of == part and each.makes in {"", kind}]
    return _offered(row, user, found, f"?{urlencode({part: name})}")


def making(row: Group, part: str, user: User) -> tuple[Action, ...]:
    """Every operation that makes a policy or a schedule."""
    return _offered(row, user, [each for each in operations.all().values() if each.of == part and each.makes])


def _offered(row: Group, user: User, found: list[Operation], query: str = "") -> tuple[Action, ...]:
    if row.cluster is None:
        return ()
    role, where = missing_role(user, Role.OPERATOR), [row.environment.name, row.region, row.name]
    return tuple(
        Action(
            f"{each.title.removesuffix(' an instance')}…",
            reverse("console:group-change", args=[*where, each.slug]) + query,
            blocked=role,
            apart=each.danger == Danger.FINAL,
            danger=each.danger >= Danger.SOME,
        )
        for each in sorted(found, key=lambda each: each.danger)  # those alike stay in the order of their slugs
    )


def instances_of(row: Group) -> dict[str, str]:
    """The instances of a group to choose from, those that are not healthy first: what they are called, by id."""
    rows = sorted(
        Instance.objects.filter(group=row, gone_at__isnull=True),
        key=lambda each: (-ORDER[condition(each).word], each.instance_id),
    )
    return {each.instance_id: f"{each.instance_id}, {each.zone}, {condition(each).word}" for each in rows}
