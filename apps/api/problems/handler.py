"""From any exception to the problem detail that tells of it."""

from __future__ import annotations

import logging
import re
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

from apps.api.problems.cloud import of_cloud
from apps.api.problems.fields import flatten
from apps.api.problems.kinds import DatabaseSilent
from apps.cloud.errors import CloudError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:deployconsole:problem:"
UNFOUND = re.compile(r"No (\w+) matches the given query\.")  # as Django says it
SILENT = (
    "The database does not answer at the moment. Try again shortly; "
    "a change that is sent again with the same Idempotency-Key is not made twice."
)


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response:
    """The answer to any exception a view raises; what nobody foresaw is logged under a reference."""
    request = context.get("request")
    known = _translate(exc, context.get("kwargs") or {})
    if known is None:
        return _server_error(exc, request)
    body = _body(known, request)
    return Response(body, known.status_code, headers=_headers(known), content_type=MEDIA_TYPE)


def _translate(exc: Exception, kwargs: Mapping[str, Any]) -> exceptions.APIException | None:
    if isinstance(exc, exceptions.APIException):
        return exc
    if isinstance(exc, Http404):
        return exceptions.NotFound(_missing(exc, kwargs))
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied(str(exc) or None)
    if isinstance(exc, DjangoValidationError):
        return exceptions.ValidationError(exc.message_dict if hasattr(exc, "error_dict") else exc.messages)
    if isinstance(exc, CloudError):
        return of_cloud(exc)
    if isinstance(exc, (OperationalError, InterfaceError)):
        log.warning("the database did not answer: %s", exc)
        return DatabaseSilent(SILENT)
    return None


def _missing(exc: Http404, kwargs: Mapping[str, Any]) -> str:
    """What is not there, by its kind, and by its name or number where the URL has one alone."""
    found = UNFOUND.fullmatch(str(exc))
    if found is None:
        return str(exc) or "There is no such thing, or it is gone."
    noun = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", found[1]).lower()
    named = f"{noun} {next(iter(kwargs.values()))}" if len(kwargs) == 1 else f"such {noun}"
    return f"There is no {named}, or it is gone."


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
