"""What every step that calls AWS does around a look: its changing calls go within its lease, and are written down."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Protocol

from apps.cloud.aws.guard import changing_calls_before
from apps.cloud.aws.observe import observe
from apps.cloud.values import CallRecord


class Looks(Protocol):
    """One look of a worker that holds a lease: `apps.workflows.context.Context` is one."""

    log: list[dict[str, Any]]

    def renew(self) -> None:
        """Raises LostLease."""

    def fence(self) -> float:
        """When the lease ends, on the monotonic clock."""


@contextlib.contextmanager
def calling(look: Looks) -> Iterator[None]:
    """Within it, a changing call is sent only while the lease lasts; it and what failed go into the look's log."""

    def keep(call: CallRecord) -> None:
        look.renew()
        if call.changing or call.outcome != "ok":
            look.log.append(
                {
                    "service": call.service,
                    "operation": call.operation,
                    "changing": call.changing,
                    "outcome": call.outcome,
                    "seconds": round(call.seconds, 3),
                    "message": call.message,
                }
            )

    with observe(keep), changing_calls_before(look.fence):
        yield
