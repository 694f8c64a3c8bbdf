"""Answers to GET carry an ETag; who sends it back in If-None-Match hears 304 if nothing changed.

Who sends it in If-Match with a PATCH hears 412 if something did, of what a PATCH can change: of a thing that can be
changed the ETag is two digests, of those fields and of the whole answer.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import parse_etags, quote_etag
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.problems import ChangedMeanwhile

MATCH = "If-Match"
APART = "."  # between the two digests; in no digest


def mark(request: Request, response: HttpResponse, settings: str = "") -> None:
    """Adds the ETag once the answer is rendered, and turns it into a 304 where the client has it already.

    `settings` is the digest of what a PATCH can change of it; empty where there is none.
    """
    response.headers.setdefault("Cache-Control", "private, no-cache")
    patch_vary_headers(response, ["Accept", "Authorization", "Cookie"])
    if isinstance(response, Response) and request.method in {"GET", "HEAD"} and response.status_code == 200:
        response.add_post_render_callback(lambda rendered: _conditional(request, rendered, settings))


def settings_of(answer: Mapping[str, Any], changeable: Iterable[str]) -> str:
    """The digest of those of an answer's fields that a PATCH can change."""
    return _digest(JSONRenderer().render({name: answer[name] for name in sorted(changeable) if name in answer}))


@contextlib.contextmanager
def unchanged(request: Request, rows: QuerySet[Any], settings: Callable[[], str]) -> Iterator[None]:
    """What is done within is done only if what a PATCH can change is as If-Match names it; without the header, always.

    `rows` are locked meanwhile, `settings` digests what GET would answer. Raises ChangedMeanwhile.
    """
    given = request.headers.get(MATCH)
    if given is None:
        yield
        return
    with transaction.atomic():
        list(rows.select_for_update())
        named = {_first(etag) for etag in parse_etags(given)}
        if not named:
            raise ValidationError({MATCH: ["Send the ETag that GET answered, with its quotes, or *."]})
        if not {"*", settings()} & named:
            raise ChangedMeanwhile(f"It is no longer as {MATCH} names it. Read it again, then change it.")
        yield


def _first(etag: str) -> str:
    """The digest of the settings. A proxy that packs answers marks their ETags as weak; the digest is as good."""
    return etag.removeprefix("W/").strip('"').partition(APART)[0]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _conditional(request: Request, response: HttpResponse, settings: str) -> HttpResponse:
    etag = quote_etag(APART.join(filter(None, [settings, _digest(response.content)])))
    response.headers["ETag"] = etag
    answer = get_conditional_response(request._request, etag=etag, response=response)  # noqa: SLF001  # Django's own function wants Django's own request
    return answer if isinstance(answer, HttpResponse) else response
