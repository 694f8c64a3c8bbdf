"""The table of operations that are our own; what is not in it is answered by moto.

A handler gets a `Call` and returns the operation's output members (or None), or raises AwsError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.localcloud.keys import Key
from apps.localcloud.wire import Params

if TYPE_CHECKING:
    from apps.localcloud.cloud import Cloud

Result = Mapping[str, object] | None


@dataclass(frozen=True)
class Call:
    cloud: Cloud
    key: Key
    region: str
    params: Params

    @property
    def account(self) -> str:
        return self.key.account


Handler = Callable[[Call], Result]
_HANDLERS: dict[tuple[str, str], Handler] = {}


def operation(service: str, *names: str) -> Callable[[Handler], Handler]:
    """Registers a function as the handler of `names` of `service` (botocore's names)."""

    def register(handler: Handler) -> Handler:
        for name in names:
            _HANDLERS[service, name] = handler
        return handler

    return register


def find(service: str, name: str) -> Handler | None:
    return _HANDLERS.get((service, name))
