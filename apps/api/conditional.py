"""Answers to GET carry an ETag; who sends it back in If-None-Match hears 304 if nothing changed.

Who sends it in If-Match with a PATCH hears 412 if something did.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import parse_etags, quote_etag
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.problems import ChangedMeanwhile

MATCH = "If-Match"


def mark(request: Request, response: HttpResponse) -> None:
    """Adds the ETag once the answer is rendered, and turns it into a 304 where the client has it already."""
    response.headers.setdefault("Cache-Control", "private, no-cache")
    patch_vary_headers(response, ["Accept", "Authorization", "Cookie"])
    if isinstance(response, Response) and request.method in {"GET", "HEAD"} and response.status_code == 200:
        response.add_post_render_callback(lambda rendered: _conditional(request, rendered))


@contextlib.contextmanager
def unchanged(request: Request, rows: QuerySet[Any], shown: Callable[[], Mapping[str, Any]]) -> Iterator[None]:
    """What is done within is done only if GET would still answer what If-Match names; without the header, always.

    `rows` are locked meanwhile, `shown` is what GET answers. Raises ChangedMeanwhile.
    """
    given = request.headers.get(MATCH)
    if given is None:
        yield
        return
    with transaction.atomic():
        list(rows.select_for_update())
        if given != "*" and _etag(JSONRenderer().render(shown())) not in parse_etags(given):
            raise ChangedMeanwhile(f"It is no longer as {MATCH} names it. Read it again, then change it.")
        yield


def _etag(content: bytes) -> str:
    return quote_etag(hashlib.sha256(content).hexdigest()[:32])


def _conditional(request: Request, response: HttpResponse) -> HttpResponse:
    etag = _etag(response.content)
    response.headers["ETag"] = etag
    answer = get_conditional_response(request._request, etag=etag, response=response)  # noqa: SLF001  # Django's own function wants Django's own request
    return answer if isinstance(answer, HttpResponse) else response
