"""The REST API over HTTP: retries that are safe, and errors in words."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from http import HTTPStatus

import httpx

from apps.cli.configuration import Access
from apps.cli.documents import Document
from apps.cli.exits import CommandFailed, Exit
from apps.cli.problems import failure

PAUSES = (0.3, 0.7, 1.5, 3.0, 6.0)  # seconds before each repetition
PASSING = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
KEY_IN_USE = "urn:deployconsole:problem:idempotency-key-in-use"
Query = Mapping[str, str | int | None]


class Client:
    """One console, as one user. Every method raises CommandFailed with the exit code that the failure deserves."""

    def __init__(self, access: Access, timeout: float = 30.0) -> None:
        headers = {"Authorization": f"Bearer {access.token}", "Accept": "application/json"}
        self.url = access.url
        self._http = httpx.Client(base_url=f"{access.url}/api/v1/", headers=headers, timeout=timeout)

    def get(self, path: str, **query: str | int | None) -> Document:
        """One document; parameters that are None are left out."""
        return _document(self._send("GET", path, params=_given(query)))

    def get_changed(self, path: str, etag: str) -> tuple[Document | None, str]:
        """The document and its ETag, or None when it is still the one with `etag`. Not repeated: the caller polls."""
        response = self._once("GET", path, headers={"If-None-Match": etag} if etag else {})
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            return None, etag
        _check(response)
        return _document(response), response.headers.get("ETag", "")

    def pages(self, path: str, limit: int | None = None, **query: str | int | None) -> Iterator[Document]:
        """The results of a list, page after page, `limit` at most."""
        left = limit if limit is not None else -1
        page = self.get(path, **query)
        while True:
            results = page.get("results")
            for item in results if isinstance(results, list) else []:
                if left == 0:
                    return
                left -= 1
                yield item
            following = page.get("next")
            if not isinstance(following, str) or left == 0:
                return
            page = self.get(following)

    def post(self, path: str, body: Mapping[str, object]) -> Document:
        """Asks for a change, once, however often it must be sent: the Idempotency-Key says that it is the same."""
        return _document(self._send("POST", path, json=dict(body), headers={"Idempotency-Key": str(uuid.uuid4())}))

    def patch(self, path: str, body: Mapping[str, object]) -> Document:
        """Changes the members given; sent again, it changes nothing more."""
        return _document(self._send("PATCH", path, json=dict(body)))

    def delete(self, path: str) -> None:
        """Ends what is there. Sent again after a lost answer, it may be told that there is nothing any more."""
        self._send("DELETE", path)

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        for pause in PAUSES:
            try:
                response = self._once(method, path, params=params, json=json, headers=headers)
            except CommandFailed as error:
                if error.status is not Exit.UNREACHABLE:
                    raise
            else:
                if not _passing(response):
                    _check(response)
                    return response
            time.sleep(pause)
        response = self._once(method, path, params=params, json=json, headers=headers)
        _check(response)
        return response

    def _once(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        try:
            return self._http.request(method, path, params=params, json=json, headers=headers)
        except httpx.TransportError as error:
            why = str(error) or type(error).__name__
            raise CommandFailed(Exit.UNREACHABLE, f"{self.url} cannot be reached: {why}") from error
        except (httpx.InvalidURL, httpx.DecodingError) as error:
            raise CommandFailed(Exit.UNREACHABLE, f"{self.url} does not answer as the console does: {error}") from error


def _given(query: Query) -> dict[str, str | int] | None:
    """None rather than nothing: httpx would otherwise strip the query that a `next` link already holds."""
    return {name: value for name, value in query.items() if value is not None} or None


def _passing(response: httpx.Response) -> bool:
    """Whether the same request may well succeed in a moment."""
    if response.status_code in PASSING:
        return True
    return response.status_code == HTTPStatus.CONFLICT and KEY_IN_USE in response.text


def _check(response: httpx.Response) -> None:
    if not response.is_success:
        raise failure(response)


def _document(response: httpx.Response) -> Document:
    try:
        content = response.json() if response.content else {}
    except ValueError as error:
        raise CommandFailed(
            Exit.UNREACHABLE, f"{response.url} answered something else than JSON: is that a deployconsole?"
        ) from error
    return content if isinstance(content, dict) else {"results": content}
