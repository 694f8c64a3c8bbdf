"""The quick check of a build's package: in the worker's own sandbox, without any call of AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.images import services
from apps.images.models import Build, PackageCheck
from apps.images.services import Reported, approve_base, report_build, set_recipe
from tests.faults.operations import Operation, register
from tests.faults.scenarios import acts
from tests.faults.world import World
from tests.images.kitchen import INSTALLS

KIND, BASE = "package-check", "plain"


def _built(world: World) -> None:
    """A build was reported, of an application that a script installs; a root as this machine's is taken for it."""
    place = {"environment": world.environment.name, "region": world.cluster.region}
    approve_base(image_id=world.service.images["1.0.0"], name=BASE, actor=acts.ACTOR, **place)
    recipe = {**place, "base": BASE, **INSTALLS, "check_root": "host", "check_command": "true"}
    set_recipe(world.service.application, recipe, actor=acts.ACTOR)
    report_build(Reported(world.service.application, "1.1.0"), actor=acts.ACTOR)
    world.holds.append(_told)


def _check(world: World) -> PackageCheck:
    build = Build.objects.get(application__name=world.service.application)
    return services.check_package(build.pk, actor=acts.ACTOR, reason=acts.REASON)


def _told(_world: World, run_of: Any) -> Iterator[str]:
    """It says how it ended, and so does the gate of its build."""
    row = PackageCheck.objects.select_related("build").get(run=run_of.run_id)
    assert row.build
    gates = list(row.build.gates.values_list("outcome", flat=True))
    if row.outcome not in {"passed", "skipped"} or gates != [row.outcome]:
        yield f"{row} is {row.outcome or 'without an outcome'} ({row.says}), its build's gates are {gates}"


register(Operation(KIND, KIND, _check, frozenset({"images.check_package"}), _built, row=PackageCheck, calls=False))
