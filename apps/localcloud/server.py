"""The HTTP endpoint: gate, then our own operation or moto's, then the reply. No mistake comes out as HTML."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from socketserver import BaseServer
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.request import Request
from werkzeug.serving import BaseWSGIServer, make_server

from apps.localcloud import gate, operations, route53, s3, wire
from apps.localcloud.cloud import Cloud
from apps.localcloud.ec2.tagging import forbid_dry_run
from apps.localcloud.errors import AwsError
from apps.localcloud.http_handler import MAX_BODY, TOO_LARGE, Handler
from apps.localcloud.iam import enforcement
from apps.localcloud.moto_services import MotoServices

log = logging.getLogger(__name__)

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Environ = dict[str, Any]  # WSGI's own type

_POLL_SECONDS = 0.5  # how long a pause may take to be noticed
_NAMED_BY_PATH = {s3.SERVICE: s3.operation_name, route53.SERVICE: route53.operation_name}


class Application:
    """The WSGI application behind the endpoint."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._moto = MotoServices()
        self.port = 0

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        try:
            reply = self._reply(request)
        except AwsError as error:
            reply = wire.refusal(request, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller must learn it as an AWS error
            reply = wire.refusal(request, _internal("the request", error))
        headers = {name: value for name, value in reply.headers.items() if not _is_cors(name)}
        headers["Content-Length"] = str(len(reply.body))
        start_response(f"{reply.status} {'OK' if reply.status < 400 else 'Error'}", list(headers.items()))
        return [] if request.method == "HEAD" else [reply.body]

    def _reply(self, request: Request) -> wire.Reply:
        if TOO_LARGE in request.environ:
            raise AwsError("RequestEntityTooLarge", f"The request is larger than {MAX_BODY} bytes.", 413)
        caller = gate.admit(request, self._cloud.keys, self.port)
        if caller.service != s3.SERVICE:  # whose objects may be packed, and stay so
            request = wire.unpacked(request)
        service = wire.service_name(caller.service, request)
        name = _NAMED_BY_PATH.get(service, wire.operation_name)(request)
        gate.authorize(caller, name)
        handler = operations.find(service, name)
        try:
            with self._cloud.lock:
                enforcement.authorize(self._cloud, caller, service, name, request)
                _check(service, name, request, caller.key.account)
        except AwsError as error:
            return wire.answer(service, name, request, error)
        if handler is None:
            return self._moto.answer(request, service, name, caller.key.account, self._cloud.lock)
        try:
            call = operations.Call(self._cloud, caller.key, caller.region, wire.parse(service, name, request))
            with self._cloud.lock:
                return wire.answer(service, name, request, handler(call))
        except ServiceException as error:
            return wire.answer(service, name, request, error)
        except Exception as error:  # noqa: BLE001 - a mistake of ours: tell which operation it was
            return wire.answer(service, name, request, _internal(name, error))


def _check(service: str, name: str, request: Request, account: str) -> None:
    """Raises AwsError for what AWS refuses and moto does not."""
    if service == "ec2" and name.startswith("Describe"):
        forbid_dry_run({"DryRun": request.values.get("DryRun") == "true"})
    if name == route53.CHANGE:
        route53.check(request, account)


def _internal(what: str, error: Exception) -> AwsError:
    log.error("%s failed", what, exc_info=error)
    return AwsError("InternalFailure", f"{what}: {type(error).__name__}: {error}", 500)


def _is_cors(name: str) -> bool:
    return name.lower().startswith("access-control-")


class Endpoint:
    """The listening socket and its threads, on a loopback address only."""

    def __init__(self, cloud: Cloud, address: str) -> None:
        self._application = Application(cloud)
        self._server: BaseWSGIServer = make_server(
            address, 0, self._application, threaded=True, request_handler=Handler
        )
        self.port = self._application.port = self._server.port
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Also after a pause."""
        # werkzeug's own `serve_forever` closes the socket when it ends
        self._thread = threading.Thread(
            target=BaseServer.serve_forever, args=[self._server, _POLL_SECONDS], name="endpoint", daemon=True
        )
        self._thread.start()

    def pause(self) -> None:
        """Takes no new connections until started again: they wait. Those that there are stay."""
        if self._thread:
            self._server.shutdown()
            self._thread.join()
            self._thread = None

    def stop(self) -> None:
        self.pause()
        self._server.server_close()
