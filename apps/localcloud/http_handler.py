"""One connection to the endpoint: reads requests, calls the WSGI application, keeps the connection open in between.

werkzeug's own handler closes after every reply and waits 10 ms for more input; a console polls, so that would add up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from io import BytesIO
from typing import Any

from werkzeug.serving import WSGIRequestHandler

log = logging.getLogger(__name__)

MAX_BODY = 32 * 1024 * 1024
TOO_LARGE = "localcloud.too-large"  # in the WSGI environment: the body was not read
LAST = "localcloud.last"  # in the WSGI environment: close the connection after this reply


class Handler(WSGIRequestHandler):
    """Writes no line per request."""

    protocol_version = "HTTP/1.1"
    timeout = 300  # seconds that an idle connection is kept
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        log.debug("%s %s", self.requestline, code)

    def run_wsgi(self) -> None:
        """One request and its reply."""
        environ = self.make_environ()
        if int(environ.get("CONTENT_LENGTH") or 0) > MAX_BODY:
            environ[TOO_LARGE] = environ[LAST] = True
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(), "0"
        elif environ.get("wsgi.input_terminated"):  # sent in chunks, of no told length
            body = environ["wsgi.input"].read()
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
        else:
            environ["wsgi.input"] = BytesIO(self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0)))
        self._answer(environ, self.server.app)

    def _answer(self, environ: dict[str, Any], application: Callable[..., Any]) -> None:
        told: list[tuple[str, list[tuple[str, str]]]] = []
        body = b"".join(application(environ, lambda status, headers: told.append((status, headers))))
        status, headers = told[0]
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if environ.get(LAST):
            self.send_header("Connection", "close")  # http.server closes after sending this
        self.end_headers()
        self.wfile.write(body)
