"""Every error leaves the API as a problem detail (RFC 9457): what happened, why, and which field."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:deployconsole:problem:"
SILENT = (
    "The database does not answer at the moment. Try again shortly; "
    "a change that is sent again with the same Idempotency-Key is not made twice."
)


class Problem(exceptions.APIException):
    """A problem with its own type; `members` are added to the answer as they are."""

    status_code = HTTPStatus.BAD_REQUEST
    slug = ""
    headers: Mapping[str, str] = {}

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.members = members


class BodyTooLarge(Problem):
    """The body is larger than any request of ours."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    slug = "body-too-large"


class NoLength(Problem):
    """The body came without its length, and would have been taken for an empty one."""

    status_code = HTTPStatus.LENGTH_REQUIRED
    slug = "length-required"


class Busy(Problem):
    """The cluster is being changed by somebody else; `owner` and `run` say by whom."""

    status_code = HTTPStatus.CONFLICT
    slug = "busy"


class NotPossibleNow(Problem):
    """The thing is in a state in which this cannot be done."""

    status_code = HTTPStatus.CONFLICT
    slug = "not-possible-now"


class Refused(Problem):
    """Well-formed, but not to be done: `findings` say why."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    slug = "refused"


class Invalid(exceptions.ValidationError):
    """Well-formed, but it names what is not there or may not be; `errors` name the fields."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    slug = "invalid"


class KeyReused(Problem):
    """The Idempotency-Key was used before, with another request."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    slug = "idempotency-key-reused"


class KeyInUse(Problem):
    """A request with this Idempotency-Key is being carried out at this moment."""

    status_code = HTTPStatus.CONFLICT
    slug = "idempotency-key-in-use"
    headers = {"Retry-After": "1"}


class CloudSilent(Problem):
    """AWS did not answer, or throttled us."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    slug = "cloud-unavailable"
    headers = {"Retry-After": "5"}


class CloudRefused(Problem):
    """AWS answered, and refused: our role may not do this, or what was asked for is gone."""

    status_code = HTTPStatus.BAD_GATEWAY
    slug = "cloud-refused"


class DatabaseSilent(Problem):
    """The database did not answer."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    slug = "database-unavailable"
    headers = {"Retry-After": "5"}


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response:
    """The answer to any exception a view raises; what nobody foresaw is logged under a reference."""
    request = context.get("request")
    known = _translate(exc)
    if known is None:
        return _server_error(exc, request)
    body = _body(known, request)
    return Response(body, known.status_code, headers=_headers(known), content_type=MEDIA_TYPE)


def flatten(detail: Any, field: str = "") -> list[dict[str, str]]:
    """Nested validation messages as a flat list of `{field, detail}`; inner names are joined by a dot."""
    if isinstance(detail, Mapping):
        pairs = ((_join(field, str(key)), value) for key, value in detail.items())
        return [error for name, value in pairs for error in flatten(value, name)]
    if isinstance(detail, list):
        nested = [isinstance(item, (Mapping, list)) for item in detail]
        named = (
            (_join(field, str(index)) if deep else field, item)
            for index, (deep, item) in enumerate(zip(nested, detail, strict=True))
        )
        return [error for name, item in named for error in flatten(item, name)]
    return [{"field": field, "detail": str(detail)}]


def _join(field: str, name: str) -> str:
    if name == "non_field_errors":
        return field
    return f"{field}.{name}" if field else name


def _translate(exc: Exception) -> exceptions.APIException | None:
    if isinstance(exc, exceptions.APIException):
        return exc
    if isinstance(exc, Http404):
        return exceptions.NotFound("There is no such thing, or it is gone.")
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied(str(exc) or None)
    if isinstance(exc, DjangoValidationError):
        return exceptions.ValidationError(exc.message_dict if hasattr(exc, "error_dict") else exc.messages)
    if isinstance(exc, (OperationalError, InterfaceError)):
        log.warning("the database did not answer: %s", exc)
        return DatabaseSilent(SILENT)
    return None


def _body(exc: exceptions.APIException, request: Request | None) -> dict[str, Any]:
    status = HTTPStatus(exc.status_code)
    slug = getattr(exc, "slug", "")
    body: dict[str, Any] = {
        "type": TYPE + slug if slug else "about:blank",
        "title": slug.replace("-", " ").capitalize() if slug else status.phrase,
        "status": status.value,
        "detail": "",
        "instance": request.path if request is not None else "",
    }
    if isinstance(exc.detail, (list, dict)):
        body["errors"] = flatten(exc.detail)
        body["detail"] = _sentence(body["errors"])
    else:
        body["detail"] = str(exc.detail)
    return {**body, **getattr(exc, "members", {})}


def _sentence(errors: list[dict[str, str]]) -> str:
    named = [f"{error['field']}: {error['detail']}" if error["field"] else error["detail"] for error in errors]
    return named[0] if len(named) == 1 else f"{len(named)} things are wrong with the request: " + " ".join(named)


def _headers(exc: exceptions.APIException) -> dict[str, str]:
    headers = dict(getattr(exc, "headers", {}))
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    return headers


def _server_error(exc: Exception, request: Request | None) -> Response:
    reference = secrets.token_hex(4)
    log.error("unforeseen error %s at %s", reference, request.path if request else "?", exc_info=exc)
    known = exceptions.APIException(f"Something failed on our side. The log of the web process has it as {reference}.")
    return Response(_body(known, request), known.status_code, content_type=MEDIA_TYPE)
