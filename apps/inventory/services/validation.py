"""Checks of what people enter; each error names its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from apps.cloud.naming import NamingError

ACCOUNT = re.compile(r"[0-9]{12}")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]{1,2}")
ROLE = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):role/[\w+=,.@/-]{1,512}")
ENVIRONMENT = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
TAGS = 50
TAG_KEY, TAG_VALUE = 128, 256  # characters, as on AWS


class Errors:
    """Collects what is wrong, field by field, and raises all of it at once."""

    def __init__(self) -> None:
        self._found: dict[str, list[str]] = {}

    def add(self, name: str, message: str) -> None:
        self._found.setdefault(name, []).append(message)

    def check(self, name: str, check: Callable[[], object]) -> None:
        """Runs a check of the grammar; its sentence becomes the field's error."""
        try:
            check()
        except NamingError as error:
            self.add(name, str(error))

    def model(self, row: Model) -> None:
        """Django's own checks: lengths, addresses, uniqueness."""
        try:
            row.full_clean(exclude=list(self._found))
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                for message in messages:
                    self.add(name, message)

    def raise_if_any(self) -> None:
        if self._found:
            raise ValidationError(self._found)


def check_tags(errors: Errors, tags: object) -> None:
    """At most 50 tags, text to text, within AWS's lengths."""
    if not isinstance(tags, Mapping) or not all(isinstance(each, str) for pair in tags.items() for each in pair):
        errors.add("tags", 'Tags are text by name, as {"team": "shop"}.')
    elif len(tags) > TAGS:
        errors.add("tags", f"{TAGS} tags are allowed; these are {len(tags)}.")
    elif not all(1 <= len(key) <= TAG_KEY and len(value) <= TAG_VALUE for key, value in tags.items()):
        errors.add("tags", f"A tag's name has 1 to {TAG_KEY} characters, its value {TAG_VALUE} at most.")


def take(row: Model, changes: Mapping[str, Any], editable: frozenset[str]) -> None:
    """Sets the given fields; raises ValidationError for a name that is not to be set."""
    unknown = sorted(set(changes) - editable)
    if unknown:
        raise ValidationError({name: [f"There is no field {name} to set."] for name in unknown})
    for name, value in changes.items():
        setattr(row, name, value)


def shown(row: Model, names: frozenset[str]) -> dict[str, Any]:
    """The fields as an event keeps them."""
    return {name: getattr(row, name) for name in sorted(names)}
