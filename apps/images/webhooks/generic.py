"""Any build server: the members of `POST /api/v1/builds/`, signed as GitHub signs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.images.errors import Invalid
from apps.images.reported import Reported, ReportedGate
from apps.images.webhooks.base import Format, Headers, Heard, moment, register, text

TEXTS = {"version": "version", "package": "package", "number": "number", "commit": "commit", "branch": "branch"}
TEXTS |= {"ci_url": "url", "changelog": "changelog"}  # member of the payload: field of a report
KNOWN = frozenset({*TEXTS, "application", "gates"})
OF_GATE = ("name", "outcome", "url", "says")


def read(application: str, headers: Headers, payload: Any) -> Heard:
    """A build with its gates. `application` may be left out; another than the webhook's is refused."""
    del headers
    if not isinstance(payload, Mapping):
        raise Invalid({"payload": ["Send a JSON object."]})
    if unknown := sorted(set(payload) - KNOWN):
        raise Invalid({name: [f"Unknown member. Known here: {', '.join(sorted(KNOWN))}."] for name in unknown})
    if (named := text(payload, "application")) and named != application:
        raise Invalid({"application": [f"This webhook tells of {application}, not of {named}."]})
    gates = payload.get("gates") or []
    if not isinstance(gates, list):
        raise Invalid({"gates": ["Gates are a list of objects."]})
    values = {field: text(payload, name) for name, field in TEXTS.items()}
    return Heard((Reported(application, **values, gates=tuple(map(_gate, range(len(gates)), gates))),))


def _gate(number: int, given: Any) -> ReportedGate:
    try:
        if not isinstance(given, Mapping):
            raise Invalid({"": ["A gate is an object."]})
        return ReportedGate(**{name: text(given, name) for name in OF_GATE}, at=moment(given, "at"))
    except Invalid as error:
        raise Invalid({f"gates.{number}.{name}".rstrip("."): each for name, each in error.errors.items()}) from error


GENERIC = register(
    Format("generic", "Generic", "Whatever can send JSON with an HMAC, as curl and openssl do in any script.", read)
)
