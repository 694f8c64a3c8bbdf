"""A quicker way to a cloud of the rig's own, for thousands of runs: calls that say who makes them, and do not sign.

And what the rig itself reads, to judge a run: the handlers' own answers, without XML on the way. The console's own
calls go the whole way but for the signature, which other tests try.
"""

from __future__ import annotations

import http.client
import json
import pickle
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth

from apps.localcloud import operations, signature
from apps.localcloud.cloud import Cloud
from apps.localcloud.keys import KeyRing
from apps.localcloud.signature import ALGORITHM, Caller, SignedRequest

PATH = "/-/plain"
Environ = dict[str, Any]
Answer = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def answering(cloud: Cloud, otherwise: Answer) -> Answer:
    """The WSGI application of a cloud that answers at PATH, too."""

    def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH:
            return otherwise(environ, start_response)
        account, region, service, operation, params = json.load(environ["wsgi.input"])
        handler = operations.find(service, operation)
        assert handler, f"{service} {operation} is moto's own"
        call = operations.Call(cloud, replace(cloud.keys.root, account=account), region, params)
        with cloud.lock:
            body = pickle.dumps(_present(handler(call)))
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    return application


def _present(value: Any) -> Any:
    """Without the members that a reply would leave out."""
    if isinstance(value, dict):
        return {name: _present(each) for name, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_present(each) for each in value]
    return value


def unsigned(auth: SigV4Auth, request: Any) -> None:
    """In place of SigV4Auth.add_auth: says whose key it is."""
    credentials = auth.credentials
    scope = f"{credentials.access_key}/20000101/{auth._region_name}/{auth._service_name}/aws4_request"
    request.headers["Authorization"] = f"{ALGORITHM} Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"
    if credentials.token:
        request.headers["X-Amz-Security-Token"] = credentials.token


def believed(request: SignedRequest, keys: KeyRing, now: datetime) -> Caller:
    """In place of signature.verify: who it says that it is, if that is a valid key."""
    match = signature._AUTHORIZATION.match(request.headers.get("authorization", ""))
    assert match, "a call that is neither signed nor says who makes it"
    return Caller(
        signature.known_key(match["key"], request.headers.get("x-amz-security-token", ""), keys, now),
        match["region"],
        match["service"],
    )


class Plain:
    """Asks such a cloud; the process that answers may be another one each time."""

    def __init__(self, endpoint: str) -> None:
        self._place = urlsplit(endpoint).netloc
        self._of_thread = threading.local()

    def ask(self, account: str, region: str, service: str, operation: str, params: dict[str, Any]) -> Any:
        """The output members, as boto3 would name them."""
        body = json.dumps([account, region, service, operation, params])
        try:
            answer = self._sent(body)
        except (ConnectionError, http.client.HTTPException):  # the process that answered before is gone
            self._of_thread.connection = http.client.HTTPConnection(self._place, timeout=60)
            answer = self._sent(body)
        return pickle.loads(answer)  # noqa: S301 -- of a child of ours

    def _sent(self, body: str) -> bytes:
        connection: http.client.HTTPConnection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            raise ConnectionError("there is none yet")
        connection.request("POST", PATH, body)
        answer = connection.getresponse()
        read = answer.read()
        assert answer.status == 200, f"{answer.status} for {body}: {read[:500]!r}"
        return read
