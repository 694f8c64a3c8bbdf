"""Everything that the console can start, each with a way to bring it about: what is missing here, a test names.

What must be covered is derived from the product: kinds of deployments, strategies, traffic drivers, services.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from apps.deployments import drivers, services, strategies
from apps.deployments import operations as by_hand
from apps.deployments.models import Deployment
from tests.faults import recipes
from tests.faults.world import World

Begin = Callable[[World], Any]  # answers a deployment, or what has its `run` and `run_id`
Prepare = Callable[[World], None]

SHARED = "shared-target-group"
REPAIR = "repair"
CANCEL = "cancel"  # the service that undoes
FOR_GOOD = frozenset({"terminate-instance", "detach-instance", "delete-group"})  # changes that nothing puts back
LOOKS_ONLY = "preview_"  # services that change nothing


@dataclass(frozen=True)
class Operation:
    """`prepare` brings a fresh world to where the operation begins; `begin` starts it, reading AWS as the web does.

    `covers` names the services that `prepare` and `begin` call. Of one that is `like` another, only those calls are
    struck that the other does not make; `higher` is by how much its groups' numbers are higher than the other's.
    """

    slug: str
    kind: str
    begin: Begin
    covers: frozenset[str]
    prepare: Prepare = lambda _world: None
    strategy: str = ""
    driver: str = SHARED
    like: str = ""
    higher: int = 0
    short: bool = False  # instances are missing for a while, and why is asked for
    grows: bool = False  # undone, a group that was brought to the load of both keeps that: what serves never shrinks


_operations: dict[str, Operation] = {}


def register(operation: Operation) -> Operation:
    """Adds an operation to the matrix."""
    _operations[operation.slug] = operation
    return operation


def all() -> dict[str, Operation]:  # noqa: A001 -- read as operations.all()
    """Every operation by slug."""
    importlib.import_module("tests.faults.scenarios")
    return dict(sorted(_operations.items()))


def plainest(kind: str) -> str:
    """The operation of a kind whose planning stands for all others: what they read as well is struck there only."""
    slugs = (f"{kind}-red-black-{SHARED}", f"{kind}-resize")
    return next((slug for slug in slugs if slug in all()), "")


def missing() -> Iterator[str]:
    """What the console can start and no operation here covers."""
    known = all().values()
    covered = frozenset[str]().union(*(operation.covers for operation in known))
    yield from (f"the service {name}" for name in sorted(starting() - covered))
    for operation in known:
        if operation.like and (operation.like not in all() or all()[operation.like].kind != operation.kind):
            yield f"{operation.like}, which {operation.slug} is to be like"
    kinds = {operation.kind for operation in known}
    yield from (f"the kind {kind}" for kind in Deployment.Kind.values if kind not in kinds)
    yield from (f"a recipe for the driver {each}" for each in drivers.all() if each not in recipes.DRIVERS)
    yield from (f"a recipe for the strategy {each}" for each in strategies.all() if each not in recipes.STRATEGIES)
    slugs = {operation.slug for operation in known}
    yield from (f"the operation {each}" for each in by_hand.all() if f"change-{each}" not in slugs)
    again = sorted(by_hand.all().keys() - FOR_GOOD)
    yield from (f"the undo of {each}" for each in again if f"undo-of-change-{each}" not in slugs)
    by_driver = {each for each in by_hand.all() for driver in drivers.all() if f"change-{each}-{driver}" in slugs}
    for each in sorted(by_driver):
        others = [driver for driver in drivers.all() if driver != SHARED]
        yield from (f"{each} with {driver}" for driver in others if f"change-{each}-{driver}" not in slugs)
    for kind in (Deployment.Kind.PUSH, Deployment.Kind.ROLLBACK):
        have = {(operation.strategy, operation.driver) for operation in known if operation.kind == kind}
        for strategy in strategies.all():
            for driver in drivers.all():
                if (strategy, driver) not in have:
                    yield f"a {kind} of {strategy} with {driver}"
        undone = {operation.driver for operation in known if operation.kind == kind and CANCEL in operation.covers}
        yield from (f"the undo of a {kind} with {driver}" for driver in drivers.all() if driver not in undone)


def starting() -> set[str]:
    """The services that start a run, or steer one: they answer it, or how many they started."""
    found = set()
    for name in services.__all__:
        service = getattr(services, name)
        if inspect.isfunction(service) and not name.startswith(LOOKS_ONLY):
            answer = str(inspect.signature(service).return_annotation)
            if answer == "int" or "Deployment" in answer:
                found.add(name)
    return found
