"""Policies as IAM evaluates them: an explicit deny wins, then an allow, else it is an implicit deny."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

ALLOWED, IMPLICIT, EXPLICIT = "allowed", "implicitDeny", "explicitDeny"
Context = Mapping[str, tuple[str, ...]]  # condition keys in lower case to their values


@dataclass(frozen=True)
class Statement:
    policy: str  # the name of the policy it stands in
    raw: Mapping[str, Any]

    def applies(self, action: str, resource: str, context: Context) -> bool:
        """Whether it speaks of this request."""
        return self._concerns(action, resource) and _holds(self.raw.get("Condition") or {}, context)

    def _concerns(self, action: str, resource: str) -> bool:
        return _names(self.raw, "Action", action, case=False) and _names(self.raw, "Resource", resource, case=True)

    def missing(self, action: str, resource: str, context: Context) -> set[str]:
        """The condition keys that would have to be known to judge this request by it."""
        if not self._concerns(action, resource):
            return set()
        wanted = {str(key) for keys in (self.raw.get("Condition") or {}).values() for key in keys}
        return {key for key in wanted if key.lower() not in context}

    @property
    def denies(self) -> bool:
        return self.raw.get("Effect") == "Deny"


def statements(policy: str, document: str | Mapping[str, Any]) -> list[Statement]:
    """The statements of a policy document; JSON text or already read."""
    read = json.loads(document) if isinstance(document, str) else document
    found = read.get("Statement") or []
    return [Statement(policy, one) for one in (found if isinstance(found, list) else [found])]


def decide(known: Iterable[Statement], action: str, resource: str, context: Context) -> tuple[str, list[Statement]]:
    """The decision, and the statements that led to it."""
    applying = [one for one in known if one.applies(action, resource, context)]
    denying = [one for one in applying if one.denies]
    if denying:
        return EXPLICIT, denying
    return (ALLOWED, applying) if applying else (IMPLICIT, [])


def _names(raw: Mapping[str, Any], member: str, value: str, *, case: bool) -> bool:
    if f"Not{member}" in raw:
        return not any(_like(one, value, case=case) for one in _listed(raw[f"Not{member}"]))
    return any(_like(one, value, case=case) for one in _listed(raw.get(member)))


def _listed(value: object) -> list[str]:
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _like(pattern: str, value: str, *, case: bool = True) -> bool:
    return _compiled(pattern, case).match(value) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str, case: bool) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")), 0 if case else re.IGNORECASE)


def _holds(conditions: Mapping[str, Any], context: Context) -> bool:
    return all(
        _condition(operator, wanted, context.get(str(key).lower()))
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _condition(operator: str, wanted: object, present: tuple[str, ...] | None) -> bool:
    """Text, ARN, boolean and presence conditions; others hold for nobody."""
    name = operator.rpartition(":")[2].lower()  # ForAnyValue: and ForAllValues: are taken as any
    values = _listed(wanted)
    if name == "null":
        return (present is None) == (values[0].lower() == "true")
    plain = name.removesuffix("ifexists")
    if present is None:
        return plain != name or "not" in plain
    if plain in ("stringequals", "arnequals", "bool", "stringequalsignorecase"):
        case = plain in ("stringequals", "arnequals")
        return any(one == value or (not case and one.lower() == value.lower()) for one in values for value in present)
    if plain in ("stringlike", "arnlike"):
        return any(_like(one, value) for one in values for value in present)
    if plain in ("stringnotequals", "arnnotequals"):
        return not any(one == value for one in values for value in present)
    if plain in ("stringnotlike", "arnnotlike"):
        return not any(_like(one, value) for one in values for value in present)
    return False
