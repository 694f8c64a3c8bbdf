"""Reports the metrics to CloudWatch now and then, in a thread that can neither hold up nor harm the serving."""

from __future__ import annotations

import http.client
import os
import queue
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

from .metrics import Window, put_metric_data
from .sigv4 import Credentials, sign

NAMESPACE = "Service"
TIMEOUT = 3.0
WAITING = 12  # reports that wait for a CloudWatch which does not answer; the oldest are dropped
_FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


@dataclass(frozen=True)
class Destination:
    """Where to report, and as whom."""

    endpoint: str
    region: str
    credentials: Credentials
    group: str
    every: float  # seconds


def destination() -> Destination | None:
    """As the environment says; None when it does not, and nothing is reported then."""
    env = os.environ
    needed = ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AUTO_SCALING_GROUP_NAME")
    if not all(env.get(name) for name in needed):
        return None
    credentials = Credentials(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], env.get("AWS_SESSION_TOKEN", ""))
    every = float(env.get("METRICS_SECONDS", "5"))
    return Destination(env["AWS_ENDPOINT_URL"], env["AWS_REGION"], credentials, env["AUTO_SCALING_GROUP_NAME"], every)


class Publisher:
    """Two threads: one closes a period when it is due, one sends what is waiting."""

    def __init__(self, to: Destination, window: Window) -> None:
        self._to = to
        self._window = window
        self._reports: queue.Queue[dict[str, str]] = queue.Queue(WAITING)
        self._failing = False

    def start(self) -> None:
        """Begins to report; both threads end with the process."""
        for work in (self._collect, self._send):
            threading.Thread(target=work, daemon=True).start()

    def _collect(self) -> None:
        while True:
            time.sleep(self._to.every)
            report = put_metric_data(self._window.take(), NAMESPACE, self._to.group, datetime.now(UTC))
            try:
                self._reports.put_nowait(report)
            except queue.Full:
                self._reports.get_nowait()
                self._reports.put_nowait(report)

    def _send(self) -> None:
        while True:
            report = self._reports.get()
            try:
                post(self._to, report)
            except (OSError, http.client.HTTPException) as error:
                if not self._failing:
                    print(f"metrics: CloudWatch does not take them: {error}", flush=True)
                self._failing = True
            else:
                self._failing = False


def post(to: Destination, form: dict[str, str]) -> None:
    """One signed call; OSError when it does not arrive or is refused."""
    where = urlsplit(to.endpoint)
    body = urlencode(form).encode()
    headers = sign(to.credentials, to.region, "monitoring", where.netloc, _FORM, body, datetime.now(UTC))
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    connection = kind(where.netloc, timeout=TIMEOUT)
    try:
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        said = response.read(2000)
    finally:
        connection.close()
    if response.status != 200:
        raise OSError(f"{response.status} {said.decode(errors='replace')[:300]}")
