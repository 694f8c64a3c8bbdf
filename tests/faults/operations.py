"""Everything that the console can start, each with a way to bring it about: what is missing here, a test names.

What must be covered is derived from the product: kinds of deployments, strategies, traffic drivers, services.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db.models import Model, OneToOneField

from apps.deployments import drivers, services, strategies
from apps.deployments import operations as by_hand
from apps.deployments.models import Deployment
from apps.workflows import kinds
from apps.workflows.models import Run
from tests.faults import recipes
from tests.faults.world import World

Begin = Callable[[World], Any]  # answers a row that has a run, or what else has its `run` and `run_id`
Prepare = Callable[[World], None]

SHARED = "shared-target-group"
REPAIR = "repair"
CANCEL = "cancel"  # the service that undoes
FOR_GOOD = frozenset({"terminate-instance", "detach-instance", "delete-group"})  # changes that nothing puts back
LOOKS_ONLY = "preview_"  # services that change nothing
ENGINE = "apps.workflows"  # starts nothing by itself: the apps above it do


@dataclass(frozen=True)
class Operation:
    """`prepare` brings a fresh world to where the operation begins; `begin` starts it, reading AWS as the web does.

    `covers` names the services that `prepare` and `begin` call: "push", or of another app "images.bake". Of one that is
    `like` another, only those calls are struck that the other does not make; `higher` is by how much its groups'
    numbers are higher than the other's.
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
    row: type[Model] = Deployment  # what `begin` answers; what has a run of its own is what must be covered
    calls: bool = (
        True  # False: neither it nor its planning calls AWS, which its recorded run must show; it has no cells
    )
    grows: bool = False  # undone, a group that was brought to the load of both keeps that: what serves never shrinks


_operations: dict[str, Operation] = {}


def register(operation: Operation) -> Operation:
    """Adds an operation to the matrix."""
    _operations[operation.slug] = operation
    return operation


def all() -> dict[str, Operation]:  # noqa: A001 -- read as operations.all()
    """Every operation by slug."""
    import_module("tests.faults.scenarios")
    return dict(sorted(_operations.items()))


def plainest(kind: str) -> str:
    """The operation of a kind whose planning stands for all others: what they read as well is struck there only."""
    slugs = (f"{kind}-red-black-{SHARED}", f"{kind}-resize", f"{kind}-with-copy")
    return next((slug for slug in slugs if slug in all()), "")


def missing() -> Iterator[str]:
    """What the console can start and no operation here covers."""
    known = all().values()
    covered = frozenset[str]().union(*(operation.covers for operation in known))
    yield from (f"the service {name}" for name in sorted(starting() - covered))
    for operation in known:
        if operation.like and (operation.like not in all() or all()[operation.like].kind != operation.kind):
            yield f"{operation.like}, which {operation.slug} is to be like"
    rows = {operation.row for operation in known}
    lacking = sorted(each.__name__ for each in with_runs() - rows)
    yield from (f"an operation that answers a {name}" for name in lacking)
    covered_kinds = {operation.kind for operation in known}
    yield from (f"the kind {kind}" for kind in Deployment.Kind.values if kind not in covered_kinds)
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


def with_runs() -> set[type[Model]]:
    """The models of which each row has a run of its own: what the console starts is one of these."""
    return {
        model
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, OneToOneField) and field.related_model is Run
    }


def starting() -> set[str]:
    """The services that start a run, or steer one: they answer it, what has one, or how many they started.

    They are those of every app that registers kinds of steps; an app's other than `deployments` have its name before.
    """
    rows = "|".join(["Run", *(model.__name__ for model in with_runs())])
    modules = {type(kinds.kind(slug)).__module__ for slug in kinds.slugs()}
    found = set()
    for app in apps.get_app_configs():
        if app.name != ENGINE and any(module.startswith(f"{app.name}.") for module in modules):
            of_app = import_module(f"{app.name}.services")
            before = "" if of_app is services else f"{app.label}."
            found |= {f"{before}{name}" for name in of_app.__all__ if _starts(getattr(of_app, name), rows)}
    return found


def _starts(service: Any, rows: str) -> bool:
    if not inspect.isfunction(service) or service.__name__.startswith(LOOKS_ONLY):
        return False
    answer = str(inspect.signature(service).return_annotation)
    return answer == "int" or re.search(rf"\b({rows})\b", answer) is not None
