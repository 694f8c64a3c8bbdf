"""Ids as they come in addresses."""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist

MAX_ID = 2**63 - 1  # what a bigint holds


def bounded(missing: type[ObjectDoesNotExist], pk: int) -> int:
    """The id. Raises `missing` for a number that no id can be, before the database refuses it."""
    if pk > MAX_ID:
        raise missing
    return pk
