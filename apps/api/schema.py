"""The OpenAPI description: drf-spectacular's, plus what every operation of ours can answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from drf_spectacular import openapi
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter

from apps.api import problems
from apps.api.base import FIELDS
from apps.api.conditional import MATCH
from apps.api.examples import exemplify
from apps.api.idempotency import HEADER, KEPT_FOR, MAX_LENGTH
from apps.api.permissions import role_needed
from apps.api.serializers.base import StrictSerializer

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What happened, why, and which field (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": f"`about:blank`, or `{problems.TYPE}` and a name."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One or more sentences for people."},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
    "additionalProperties": True,
}
ALWAYS = {
    "400": "The request is malformed.",
    "401": "No token, no session, or one that is no longer valid.",
    "403": "The role does not allow it.",
    "404": "There is no such thing.",
    "406": "The answer is JSON; the Accept header does not take that.",
    "500": "Something failed on our side.",
    "502": "AWS refused a call.",
    "503": "The database or AWS does not answer.",
}
FOR_CHANGES = {
    "409": "Somebody else is changing this, or it is in a state in which it cannot be done.",
    "411": "The body came without a Content-Length.",
    "413": "The body is too large.",
    "415": "The body must be JSON.",
    "422": "Well-formed, but refused; `errors` or `findings` say why.",
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass hook is untyped
    target_class = "apps.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: openapi.AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "An API token: `Authorization: Bearer dc_...`."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass hook is untyped
    target_class = "apps.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: openapi.AutoSchema) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "The console's own session."}


class AutoSchema(openapi.AutoSchema):
    """Adds problem answers, the needed role and Idempotency-Key to each operation, and closes request bodies."""

    method: str

    def get_tags(self) -> list[str]:
        return [getattr(self.view, "tag", None) or super().get_tags()[0]]

    def get_summary(self) -> str:
        """One line for the closed list of operations: the first sentence of what it does, or which thing it shows."""
        said = str(super().get_description() or "")
        view = getattr(self.view, "action", "")
        own = getattr(getattr(type(self.view), view, None), "__module__", "").startswith("apps.")
        if view == "retrieve" and not own:
            return f"One {self.path.split('/')[3].replace('-', ' ').removesuffix('s')}."
        return re.split(r"(?<=[.:])\s", said)[0].replace(":", ".")

    def get_description(self) -> str:  # type: ignore[override]  # drf-spectacular's signature, not DRF's
        said = str(super().get_description() or "")
        if not self.view.permission_classes:
            return said
        return f"{said}\n\nNeeds the role `{role_needed(self.view, self.method).value}`.".strip()

    def get_override_parameters(self) -> list[Any]:
        own = {"POST": _idempotency_key, "PATCH": _if_match}.get(self.method)
        selectable: Callable[[], tuple[str, ...]] = getattr(self.view, "selectable", tuple)
        fields = [_fields(selectable())] if self.method == "GET" and selectable() else []
        return [*super().get_override_parameters(), *([own()] if own else []), *fields]

    def _get_response_bodies(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(*args, **kwargs)
        texts = ALWAYS if self.method == "GET" else {**ALWAYS, **FOR_CHANGES}
        if self.method == "PATCH":
            texts = {**texts, "412": "It was changed since you read what If-Match names."}
        if self.method == "GET":
            bodies.setdefault("304", {"description": "Nothing changed since the ETag in If-None-Match."})
        for status, text in texts.items():
            bodies.setdefault(status, self._problem(text))
        return dict(sorted(bodies.items()))

    def _problem(self, text: str) -> dict[str, Any]:
        component = ResolvedComponent(  # type: ignore[no-untyped-call]
            name="Problem", type=ResolvedComponent.SCHEMA, schema=PROBLEM, object="Problem"
        )
        self.registry.register_on_missing(component)
        return {"description": text, "content": {problems.MEDIA_TYPE: {"schema": component.ref}}}

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if type(serializer).__doc__ is None:
            schema.pop("description", None)  # it would be that of a base class
        exemplify(schema)
        if direction == "request" and isinstance(serializer, StrictSerializer):
            schema["additionalProperties"] = False
        return schema


def _if_match() -> Any:
    return OpenApiParameter(
        MATCH,
        {"type": "string", "minLength": 1, "pattern": "^[ -~]+$"},
        OpenApiParameter.HEADER,
        description="The ETag of what you read: the change is refused with 412 if it is no longer so.",
    )


def _fields(names: tuple[str, ...]) -> Any:
    return OpenApiParameter(
        FIELDS,
        {"type": "string", "pattern": "^[a-z_]+(,[a-z_]+)*$", "example": ",".join(names[:2])},
        OpenApiParameter.QUERY,
        description=f"Only these fields, with commas between; the answer lacks the others: {', '.join(names)}.",
    )


def _idempotency_key() -> Any:
    hours = int(KEPT_FOR.total_seconds() // 3600)
    return OpenApiParameter(
        HEADER,
        {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH, "pattern": "^[ -~]+$"},
        OpenApiParameter.HEADER,
        description=f"A repeated request with the same key is carried out once and answered alike for {hours} hours.",
    )
