"""Everything that the console can start, each with a way to bring it about: what is missing here, a test names.

What must be covered is derived from the product: kinds of deployments, strategies, traffic drivers, services.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.deployments import services, strategies
from apps.deployments.models import Deployment
from tests.faults.world import World

Begin = Callable[[World], Deployment]
Prepare = Callable[[World], None]

SHARED = "shared-target-group"  # the driver of groups attached to one target group
LOOKS_ONLY = "preview_"  # services that change nothing


@dataclass(frozen=True)
class Operation:
    """`prepare` brings a fresh world to where the operation begins; `begin` starts it, reading AWS as the web does.

    `covers` names the services that `prepare` and `begin` call; `build` changes the service that is built.
    """

    slug: str
    kind: str
    begin: Begin
    covers: frozenset[str]
    prepare: Prepare = lambda _world: None
    strategy: str = ""
    driver: str = SHARED
    build: Mapping[str, Any] = field(default_factory=dict)


_operations: dict[str, Operation] = {}


def register(operation: Operation) -> Operation:
    """Adds an operation to the matrix."""
    _operations[operation.slug] = operation
    return operation


def all() -> dict[str, Operation]:  # noqa: A001 -- read as operations.all()
    """Every operation by slug."""
    importlib.import_module("tests.faults.scenarios")
    return dict(sorted(_operations.items()))


def missing() -> Iterator[str]:
    """What the console can start and no operation here covers."""
    known = all().values()
    covered = frozenset[str]().union(*(operation.covers for operation in known))
    starts = {name for name in services.__all__ if not name.startswith(LOOKS_ONLY)}
    yield from (f"the service {name}" for name in sorted(starts - covered))
    kinds = {operation.kind for operation in known}
    yield from (f"the kind {kind}" for kind in Deployment.Kind.values if kind not in kinds)
    for kind in (Deployment.Kind.PUSH, Deployment.Kind.ROLLBACK):
        have = {(operation.strategy, operation.driver) for operation in known if operation.kind == kind}
        for strategy in strategies.all():
            for driver in sorted(drivers()):
                if (strategy, driver) not in have:
                    yield f"a {kind} of {strategy} with {driver}"


def drivers() -> frozenset[str]:
    """The slugs of the traffic drivers that the product knows."""
    if importlib.util.find_spec("apps.deployments.drivers") is None:
        return frozenset({SHARED})
    package = importlib.import_module("apps.deployments.drivers")
    return frozenset(package.all())
