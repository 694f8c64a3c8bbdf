"""Answers to GET carry an ETag; who sends it back in If-None-Match hears 304 if nothing changed."""

from __future__ import annotations

import hashlib

from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from rest_framework.request import Request
from rest_framework.response import Response


def mark(request: Request, response: HttpResponse) -> None:
    """Adds the ETag once the answer is rendered, and turns it into a 304 where the client has it already."""
    response.headers.setdefault("Cache-Control", "private, no-cache")
    patch_vary_headers(response, ["Accept", "Authorization", "Cookie"])
    if isinstance(response, Response) and request.method in {"GET", "HEAD"} and response.status_code == 200:
        response.add_post_render_callback(lambda rendered: _conditional(request, rendered))


def _conditional(request: Request, response: HttpResponse) -> HttpResponse:
    digest = hashlib.sha256(response.content).hexdigest()[:32]
    etag = quote_etag(digest)
    response.headers["ETag"] = etag
    answer = get_conditional_response(request._request, etag=etag, response=response)  # noqa: SLF001  # Django's own function wants Django's own request
    return answer if isinstance(answer, HttpResponse) else response
