"""Environments: which accounts the console works in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from apps.cloud.aws import sts
from apps.cloud.errors import CloudError
from apps.events.services import record
from apps.inventory.models import Environment
from apps.inventory.services.forget import forget_regions
from apps.inventory.services.validation import ACCOUNT, ENVIRONMENT, REGION, ROLE, Errors, shown, take

EDITABLE = frozenset({"account_id", "role_arn", "external_id", "regions", "description", "production", "images_from"})

Needs = Callable[[Environment], str]

_needs: list[Needs] = []


def needs_account(function: Needs) -> Needs:
    """Registers who needs an environment's account to stay the same: of an environment, why, in a sentence; empty
    where nothing does.
    """
    _needs.append(function)
    return function


def create_environment(name: str, *, actor: str, reason: str = "", **fields: Any) -> Environment:
    """Adds an environment. Raises ValidationError, by field. AWS is not asked: see `why_unreachable`."""
    row = Environment(name=name)
    take(row, fields, EDITABLE)
    _check(row)
    with transaction.atomic():
        row.save()
        record(
            "environment.created",
            actor=actor,
            subject=row.name,
            environment=row.name,
            summary=f"{actor} added the environment {row.name} (account {row.account_id}).",
            reason=reason,
            after=shown(row, EDITABLE),
        )
    return row


def update_environment(name: str, *, actor: str, reason: str = "", **fields: Any) -> Environment:
    """Changes the given fields. Raises ValidationError, by field, and Environment.DoesNotExist."""
    with transaction.atomic():
        row = Environment.objects.select_for_update().get(name=name)
        before = shown(row, EDITABLE)
        take(row, fields, EDITABLE)
        _check(row)
        after = shown(row, EDITABLE)
        if after["account_id"] != before["account_id"]:
            _check_leaves(row)
        changed = sorted(name for name in EDITABLE if before[name] != after[name])
        if not changed:
            return row
        row.save()
        forget_regions(row)
        record(
            "environment.changed",
            actor=actor,
            subject=row.name,
            environment=row.name,
            summary=f"{actor} changed {', '.join(changed)} of the environment {row.name}.",
            reason=reason,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
    return row


def why_unreachable(environment: Environment) -> str:
    """Asks AWS in each region who we are there; a sentence that says what is wrong, or empty."""
    for region in environment.regions:
        try:
            identity = sts.caller_identity(environment.target(region))
        except CloudError as error:
            return f"{region} does not let us in: {error}"
        if identity.account != environment.account_id:
            return f"In {region} we are in account {identity.account}, not in {environment.account_id}."
    return ""


def _check(row: Environment) -> None:
    errors = Errors()
    if not ENVIRONMENT.fullmatch(row.name):
        errors.add("name", "A name is 1 to 63 lower-case letters, digits, '.', '_' and '-', as prod.")
    if not ACCOUNT.fullmatch(row.account_id):
        errors.add("account_id", "An account id has 12 digits.")
    if row.role_arn:
        role = ROLE.fullmatch(row.role_arn)
        if role is None:
            errors.add("role_arn", "A role is written as arn:aws:iam::123456789012:role/name.")
        elif role[1] != row.account_id:
            errors.add("role_arn", f"This role is in account {role[1]}, not in {row.account_id}.")
    _check_regions(errors, row)
    _check_source(errors, row)
    errors.model(row)
    errors.raise_if_any()


def _check_leaves(row: Environment) -> None:
    """Nothing needs the account that it has now. Raises ValidationError."""
    errors = Errors()
    for why in filter(None, (needs(row) for needs in _needs)):
        errors.add("account_id", why)
    errors.raise_if_any()


def _check_source(errors: Errors, row: Environment) -> None:
    """Images come from another environment that there is, in another account: within one nothing is to be granted."""
    if not row.images_from:
        return
    source = Environment.objects.filter(name=row.images_from).first()
    if source is None:
        errors.add("images_from", f"There is no environment {row.images_from}.")
    elif source.name == row.name:
        errors.add("images_from", "Images come from another environment, as from test.")
    elif source.account_id == row.account_id:
        errors.add("images_from", f"{source.name} is in the same account: nothing is to be promoted there.")


def _check_regions(errors: Errors, row: Environment) -> None:
    regions = row.regions
    if not isinstance(regions, list) or not regions:
        errors.add("regions", "Name at least one region, as us-east-1.")
        return
    wrong = [each for each in regions if not isinstance(each, str) or not REGION.fullmatch(each)]
    if wrong:
        errors.add("regions", f"{wrong[0]!r} is not the name of a region; they are written as us-east-1.")
    elif len(set(regions)) != len(regions):
        errors.add("regions", "A region is named twice.")
