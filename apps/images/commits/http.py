"""Asking a REST API about commits: with a limit to time, size and patience, and errors as sentences."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from apps.images.commits.base import Unanswered

if TYPE_CHECKING:
    import httpx

ALL_OF_IT = 8.0  # seconds, for all questions of one comparison; a page waits 10 for its part
ONE = 5.0  # seconds without a byte
LARGEST = 16 * 1024 * 1024  # bytes of an answer
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Api:
    """One API for one comparison. `name` and `setting` are what sentences call it and the setting of its token.

    `token` is the header `Authorization`, and no other: any other would follow a redirect to wherever it leads.
    """

    def __init__(self, name: str, base: str, setting: str, token: Mapping[str, str]) -> None:
        self._name, self._base, self._setting = name, base.rstrip("/"), setting
        address = urlsplit(base)
        if token and address.scheme != "https" and address.hostname not in LOOPBACK:
            raise Unanswered(f"The token of {name} is sent by https:// alone, and its address is {base}.")
        self._headers = {"Accept": "application/json", "User-Agent": "deployconsole", **token}
        self._until = time.monotonic() + ALL_OF_IT

    def get(self, path: str, **query: str | int) -> Any:
        """The JSON of one address, redirects followed; to another server without our token, for httpx then leaves
        `Authorization` out. Raises Unanswered, also when time is over.
        """
        import httpx  # a tenth of what a process takes to start, and few of them ask

        left = self._until - time.monotonic()
        try:
            with (
                httpx.Client(timeout=max(0.1, min(ONE, left)), follow_redirects=True, max_redirects=3) as client,
                client.stream("GET", f"{self._base}/{path}", params=query, headers=self._headers) as response,
            ):
                body = self._body(response)
                return json.loads(body) if response.is_success else self._refuse(response, body)
        except httpx.TimeoutException as error:
            raise self._late() from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unanswered(f"{self._name} cannot be reached: {str(error) or type(error).__name__}.") from error
        except (ValueError, RecursionError) as error:
            raise Unanswered(f"{self._name} answered something else than JSON: is {self._base} its API?") from error

    def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if time.monotonic() > self._until:
                raise self._late()
            if len(body) > LARGEST:
                raise Unanswered(f"The answer of {self._name} is larger than {LARGEST >> 20} MB: too much differs.")
        return bytes(body)

    def _late(self) -> Unanswered:
        return Unanswered(f"{self._name} did not answer within {ALL_OF_IT:g} s. Try again in a moment.")

    def _refuse(self, response: httpx.Response, body: bytes) -> NoReturn:
        """Raises Unanswered with what the status means."""
        status, said = response.status_code, _message(body)
        if _limited(response):
            raise Unanswered(f"{self._name} answers no more for now: its rate limit is used up{_again(response)}.")
        if status == HTTPStatus.UNAUTHORIZED:
            raise Unanswered(f"{self._name} does not accept our token: look at {self._setting}.")
        if status == HTTPStatus.FORBIDDEN:
            raise Unanswered(f"{self._name} does not let us read this: {said or 'it says no more'}.")
        if status == HTTPStatus.NOT_FOUND:
            raise Missing
        raise Unanswered(f"{self._name} answered {status}{f': {said}' if said else ''}.")


class Missing(Unanswered):
    """What was asked for is not there, or not for our token."""


def _limited(response: httpx.Response) -> bool:
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    used_up = response.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in response.headers
    return response.status_code == HTTPStatus.FORBIDDEN and used_up


def _again(response: httpx.Response) -> str:
    """From when on it answers again, where it says so."""
    after = response.headers.get("retry-after", "")
    reset = response.headers.get("x-ratelimit-reset") or response.headers.get("ratelimit-reset", "")
    if after.isdecimal() and len(after) < 7:
        return f" for {after} s"
    if not reset.isdecimal() or len(reset) > 10:
        return ""
    return f" until {datetime.fromtimestamp(int(reset), UTC).isoformat(timespec='seconds')}"


def _message(body: bytes) -> str:
    """What an error's JSON says, in short."""
    try:
        content = json.loads(body)
    except ValueError:
        return ""
    said = content.get("message") or content.get("error") if isinstance(content, dict) else ""
    return str(said or "").rstrip(".")[:200]
