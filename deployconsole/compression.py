"""Pages, style sheets and scripts go over the wire compressed, whether or not a proxy in front would do it."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

KINDS = ("text/html", "text/css", "text/javascript", "image/svg+xml")


class Compressed(GZipMiddleware):
    """Compresses what browsers load; what `collectstatic` has compressed already passes as it is.

    Answers of the API do not take part: a PATCH compares their strong ETags, which name bytes. What may not be stored
    holds secrets, and its length is not to depend on them (BREACH): tokens just made, console output, user data. Else
    the only secret in a page is the CSRF token, which Django masks anew in each answer.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        headers = response.headers
        secret, part = "no-store" in headers.get("Cache-Control", ""), "Content-Range" in headers
        if secret or part or not headers.get("Content-Type", "").startswith(KINDS):
            return response
        tag = headers.get("ETag")
        answer = super().process_response(request, response)
        if answer.headers.get("ETag") != tag:  # weakened, which WhiteNoise would not know again: Last-Modified does
            del answer.headers["ETag"]
        return answer
