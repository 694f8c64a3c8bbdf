"""Bakes in rows, as services and steps would have left them: for pages and documents. No cloud stands behind them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.events.services import record
from apps.images.models import Bake, BakedImage, BaseImage, Build, Manifest, PackageCheck, Recipe
from apps.images.plan import plan
from apps.images.services.recipes import shown
from apps.inventory.models import Application, Environment
from apps.workflows.models import Attempt, Run, Step
from apps.workflows.states import ENDED, RunState, StepState

REGION, COPY = "us-east-1", "eu-west-1"
BASE = "ami-0ba5e0000000000aa"
NAMED = {"image_id": BASE, "name": "debian-12", "version": "2026.11"}
USUAL = {  # seconds that earlier bakes took, by kind of step
    "launch-builder": 2.0,
    "await-builder": 40.0,
    "create-image": 1.0,
    "await-image": 20.0,
    "end-builder": 2.0,
    "copy-images": 1.0,
    "await-copies": 30.0,
    "record-images": 0.5,
}
LOG = "Collecting api\nInstalling collected packages: api\nSuccessfully installed api"


def base_image(environment: Environment, **more: Any) -> BaseImage:
    """An AMI that may be baked upon as debian-12."""
    values = {"region": REGION, "name": "debian-12", "version": "2026.11", "architecture": "x86_64", "image_id": BASE}
    row = BaseImage.objects.create(environment=environment, approved_by="ada", **{**values, **more})
    row.refresh_from_db()
    return row


def recipe(application: Application, environment: Environment, **more: Any) -> Recipe:
    """A recipe of wheels, with one copy."""
    values = {
        "region": REGION,
        "copies": [COPY],
        "base": "debian-12",
        "provisioner": "wheel",
        "repository": "https://packages.example.com/simple",
        "options": {"installer": "pip"},
        "gates": ["unit"],
    }
    return Recipe.objects.create(application=application, environment=environment, **{**values, **more})


def bake(application: Application, version: str = "4.3.0", state: str = RunState.SUCCEEDED, **more: Any) -> Bake:
    """A bake of an application that has a recipe, in a state of its run; succeeded ones have their images."""
    made = Recipe.objects.select_related("environment").get(application=application)
    ended, number = state in ENDED, Bake.objects.count() + 1
    began = more.pop("began", timezone.now() - timedelta(seconds=80))
    run = Run.objects.create(
        kind="bake",
        subject=f"{application.name} {version}",
        actor=more.get("actor", "maria"),
        state=state,
        position=1,
        says=more.pop("says", ""),
        failure=more.pop("failure", ""),
        created_at=began,
        started_at=None if state == RunState.QUEUED else began,
        due_at=None,
        ended_at=began + timedelta(seconds=72) if ended else None,
    )
    frozen = {**shown(made), "base_image": NAMED}
    _steps(run, frozen, f"{application.name}", version, state)
    values = {"actor": "maria", "reason": "fix login", "log": LOG, "builder": f"i-0b{number:015x}", "base_image": BASE}
    row = Bake.objects.create(
        application=application,
        run=run,
        key=f"{number:064x}",
        nonce=f"{number:032x}",
        recipe=frozen,
        package=application.name,
        version=version,
        environment=made.environment,
        region=made.region,
        architecture=made.architecture,
        image_name=f"{application.name}-{version}-{number:012x}",
        created_at=began,
        **{**values, **more},
    )
    Run.objects.filter(pk=run.pk).update(called=f"bake {row.pk}")
    where = {"environment": made.environment.name, "region": made.region}
    record("bake.requested", actor=row.actor, subject=application.name, summary="maria asked", run=run.pk, **where)
    if state == RunState.SUCCEEDED:
        _made(row, number)
    return row


def _steps(run: Run, frozen: dict[str, Any], package: str, version: str, state: str) -> None:
    """Those that it plans; all are done where it succeeded, else the second is where it stands."""
    for position, planned in enumerate(plan(frozen, package, version, "0" * 32, USUAL)):
        over = state == RunState.SUCCEEDED or position < 1
        here = position == 1 and not over and state not in {RunState.QUEUED, *ENDED}
        began = run.created_at + timedelta(seconds=position * 5)
        step = Step.objects.create(
            run=run,
            position=position,
            kind=planned.kind,
            title=planned.title,
            params=dict(planned.params),
            changes=list(planned.changes),
            timeout_seconds=planned.timeout_seconds,
            expected_seconds=planned.expected_seconds,
            state=StepState.DONE if over else StepState.RUNNING if here else StepState.PENDING,
            says=run.says if here else "",
            started_at=began if over or here else None,
            ended_at=began + timedelta(seconds=5) if over else None,
        )
        if over or here:
            Attempt.objects.create(step=step, phase="forward", worker="w1", looks=2, says=step.says)


def _made(row: Bake, number: int) -> None:
    inside = Manifest.objects.create(
        packages={"deb:openssl": "3.0.11-1", f"pip:{row.package}": row.version}, files={"/etc/hosts": "0" * 64}
    )
    Bake.objects.filter(pk=row.pk).update(manifest=inside)
    for each, region in enumerate((row.region, *row.recipe["copies"])):
        BakedImage.objects.create(bake=row, region=region, image_id=f"ami-0ba4e{number:06x}{each:06x}")


def check(build: Build, **more: Any) -> PackageCheck:
    """A check of a build's package that failed, as a worker would have left it."""
    run = Run.objects.create(kind="package-check", subject=str(build), actor="maria", state="succeeded", due_at=None)
    Step.objects.create(run=run, position=0, kind="check-package", title="Check it", state=StepState.DONE)
    values = {
        "outcome": "failed",
        "says": f"{build} was installed, and is not well: GET /health on port 8080 answered 503.",
        "way": "namespace",
        "seconds": 3.2,
        "installed": {f"python:{build.package}": build.version},
        "log": LOG,
        "actor": "maria",
        "ended_at": timezone.now(),
    }
    named = {"package": build.package, "version": build.version, "recipe": {}}
    return PackageCheck.objects.create(build=build, run=run, **{**named, **values, **more})
