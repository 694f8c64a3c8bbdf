"""Live parts of pages: the same frozen page gives the same ETag, so polling costs nothing while nothing changes."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render

STOP_POLLING = 286  # htmx takes the content and asks no more


def etag_of(page: object) -> str:
    """A tag of everything the page shows. Pages hold moments, never ages, so they change only when facts do.

    A weak one: it names facts, not bytes, and stays as it is however the answer is compressed on its way.
    """
    return f'W/"{hashlib.blake2b(repr(page).encode(), digest_size=12).hexdigest()}"'


def page_with_live_part(request: HttpRequest, template: str, page: object) -> HttpResponse:
    """The whole page; its live part starts from the tag of what it shows."""
    response = render(request, template, {"page": page, "etag": etag_of(page)})
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def gone_part(request: HttpRequest, sentence: str) -> HttpResponse:
    """What the page was about is gone: it says so, in place of what it showed, and asks no more."""
    return render(request, "console/gone_live.html", {"gone": sentence}, status=STOP_POLLING)


def live_part(request: HttpRequest, template: str, page: object, *, ended: bool = False) -> HttpResponse:
    """The live part alone: 304 when the browser has it already, status 286 when there will be no more news."""
    etag = etag_of(page)
    if request.headers.get("If-None-Match") == etag and not ended:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = render(request, template, {"page": page}, status=STOP_POLLING if ended else 200)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"
    return response
