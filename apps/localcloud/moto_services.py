"""What moto answers for us: services and operations that are not our own, under the same lock."""

from __future__ import annotations

import logging
import os
import threading
from contextlib import nullcontext
from functools import cached_property
from io import BytesIO
from typing import Any

from moto.core.request import Request
from werkzeug.test import run_wsgi_app

from apps.localcloud import s3
from apps.localcloud.errors import AwsError
from apps.localcloud.signature import ALGORITHM
from apps.localcloud.wire import Reply

log = logging.getLogger(__name__)

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # 1,300 images a region that nobody here can boot

_ANSWERED = frozenset(
    {
        *("acm", "cloudwatch", "ec2", "events", "iam", "kms", "logs", "route53", "s3"),
        *("secretsmanager", "sns", "sqs", "ssm", "tagging"),
    }
)
_OUTSIDE_LOCK = frozenset({"sqs"})  # a long-polling receive waits inside the request
_FORM = "application/x-www-form-urlencoded"
_PRIVATE_PATHS = ("/moto-api", "/latest/")  # moto's own switches, which no AWS has


class MotoServices:
    """Passes a request on to moto, in the caller's account."""

    @cached_property
    def _application(self) -> Any:
        # with Flask it is a fifth of what this process imports, and few clouds are asked for it
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        return DomainDispatcherApplication(create_backend_app)

    def answer(self, request: Request, service: str, name: str, account: str, lock: threading.RLock) -> Reply:
        """moto's reply. Raises AwsError for what moto does not offer, and where it fails."""
        what = f"{service} {name}".strip()
        if service not in _ANSWERED or request.path.startswith(_PRIVATE_PATHS):
            raise AwsError("InvalidAction", f"The embedded cloud does not offer {what}.")
        environ = dict(request.environ)
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        if "HTTP_AUTHORIZATION" not in environ:  # a presigned URL; by the header moto tells service and region
            environ["HTTP_AUTHORIZATION"] = f"{ALGORITHM} Credential={request.args.get('X-Amz-Credential')}"
        if service == s3.SERVICE:  # moto would take a form for no object, and urllib sends everything as a form
            environ["CONTENT_TYPE"] = environ.get("CONTENT_TYPE", "").replace(_FORM, "application/octet-stream")
        environ["wsgi.input"] = BytesIO(request.get_data(cache=True))
        with nullcontext() if service in _OUTSIDE_LOCK else lock:
            try:
                body, status, headers = run_wsgi_app(self._application, environ, buffered=True)
            except NotImplementedError as error:
                raise AwsError("InvalidAction", f"The embedded cloud does not offer {what}: {error}") from error
            except Exception as error:  # moto's own mistakes come in every kind; the caller learns where
                log.exception("moto failed in %s", what)
                told = f"The embedded cloud failed in {what}: {type(error).__name__}: {error}"
                raise AwsError("InternalFailure", told, 500) from error
        code = int(status.split()[0])
        if code >= 500:
            log.error("moto answered %s to %s", code, what)
            raise AwsError("InternalFailure", f"The embedded cloud failed in {what}.", 500)
        return Reply(code, b"".join(body), dict(headers.items()))
