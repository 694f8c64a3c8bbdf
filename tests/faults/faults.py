"""What can go wrong at one AWS call, and at which calls each can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.faults.calls import Call
from tests.faults.stale import goes_stale, has_tags


@dataclass(frozen=True)
class Fault:
    """`times` is how many calls of the same name it strikes, one after the other; 0: until permission is back.

    A read has no effect that it could be struck before or after: what strikes before a change strikes no read, which
    meets the same fault that strikes after.
    """

    name: str
    says: str
    reads: bool = True
    changes: bool = True
    times: int = 1


REPEATS = 6  # a read is repeated five times within a call: a step must see the error too

FAULTS = {
    fault.name: fault
    for fault in (
        Fault("throttle", "AWS asks to slow down", times=REPEATS),
        Fault("server-error", "AWS answers a 5xx, and did nothing", times=REPEATS),
        Fault("cut", "the connection is cut before the request arrives", times=REPEATS),
        Fault("stale", "AWS shows for a while what was so before"),
        Fault("untagged", "AWS shows for a while a group without its tags", changes=False),
        Fault("delay", "the answer takes nearly as long as a call may"),
        Fault("deny", "the role may not make this call, until somebody permits it", times=0),
        Fault("kill-before", "SIGKILL before the request is sent", reads=False),
        Fault("kill-after", "SIGKILL once the request took effect, before the answer is seen"),
        Fault("stop-before", "SIGSTOP before it, until the lease is over and another worker went on", reads=False),
        Fault("stop-after", "SIGSTOP before the answer is seen, until the lease is over and another worker went on"),
        Fault("cut-after", "the connection is cut once the request took effect", reads=False),
        Fault("error-after", "AWS answers a 5xx although the request took effect", reads=False),
        Fault("late", "the request times out, and takes effect after the next look", reads=False),
    )
}


def applying(call: Call) -> Iterator[Fault]:
    """The faults that a call can meet."""
    for fault in FAULTS.values():
        if not (fault.changes if call.changing else fault.reads):
            continue
        if call.planning and fault.name.startswith("stop-"):
            continue  # the web process holds no lease that could end
        if fault.name == "stale" and not (call.changing or goes_stale(call)):
            continue
        if fault.name == "untagged" and not has_tags(call.operation):
            continue
        yield fault
