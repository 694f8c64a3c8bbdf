"""What AWS's services send of themselves: to topics, queues and EventBridge, by moto's backends."""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from moto.events.models import events_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from apps.localcloud.cloud import Cloud

log = logging.getLogger(__name__)

_SNS, _SQS = "sns", "sqs"


class Outbox:
    """Sends one after another, outside the cloud's lock: a topic may have subscribers that are slow to answer.

    Its thread lasts as long as there is something to send: a cloud that stands still has none.
    """

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], object]] = deque()
        self._lock = threading.Lock()
        self._sending = False

    def __reduce__(self) -> tuple[type[Outbox], tuple[()]]:
        return Outbox, ()  # what was on its way when the cloud stopped is lost, as a message may be

    def put(self, send: Callable[[], object]) -> None:
        with self._lock:
            self._waiting.append(send)
            start, self._sending = not self._sending, True
        if start:
            threading.Thread(target=self._run, name="outbox", daemon=True).start()

    def _run(self) -> None:
        while send := self._next():
            try:
                send()
            except Exception:  # its target may be gone, or refuse; the next message has another
                log.exception("a message was not delivered")

    def _next(self) -> Callable[[], object] | None:
        with self._lock:
            self._sending = bool(self._waiting)
            return self._waiting.popleft() if self._waiting else None


def target_exists(arn: str) -> bool:
    """Whether `arn` is a topic or a queue of this cloud."""
    parts = arn.split(":")
    if len(parts) != 6 or parts[2] not in (_SNS, _SQS):
        return False
    _, _, service, region, account, name = parts
    home = _existing(sns_backends if service == _SNS else sqs_backends, account, region)
    return home is not None and (arn in home.topics if service == _SNS else name in home.queues)


def _existing(backends: Any, account: str, region: str) -> Any:
    """A backend, or None where nobody has used the service: asking moto by index would make one."""
    known = backends.get(account)
    return known.get(region) if known else None


def send(cloud: Cloud, arn: str, subject: str, body: Mapping[str, Any]) -> None:
    """Sends `body` as JSON to a topic or a queue. One that is gone by then is only logged."""
    _, _, service, region, account, name = arn.split(":", 5)
    text = json.dumps(body)
    if service == _SNS:
        _outbox(cloud).put(lambda: sns_backends[account][region].publish(text, arn, subject=subject))
    else:
        _outbox(cloud).put(lambda: sqs_backends[account][region].send_message(name, text))


def emit(
    cloud: Cloud, account: str, region: str, kind: str, resources: list[str], detail: Mapping[str, Any], source: str
) -> None:
    """Puts an event of `kind` (its detail-type) on the account's default bus, if any rule is there to match it."""
    home = _existing(events_backends, account, region)
    if home is None or not home.event_buses["default"].rules:
        return
    event = {"Source": source, "DetailType": kind, "Resources": resources, "Detail": json.dumps(detail)}
    _outbox(cloud).put(lambda: home.put_events([event]))


def _outbox(cloud: Cloud) -> Outbox:
    return cloud.state(Outbox, "", "")
