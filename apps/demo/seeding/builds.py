"""What the console must know to bake the samples: base images, recipes, and the builds that CI reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from apps.demo.seeding import base, packaged, plan
from apps.demo.seeding.base_service import INSTALLED
from apps.demo.seeding.packaged import PACKAGED, Packaged
from apps.demo.seeding.plan import GOOD, Application

PROVISIONER = "wheel"
CHECKED = (  # starts the service as a machine would, for checks of the package
    "PYTHONPATH={folder} SERVICE_ADDRESS=127.0.0.1 SERVICE_PORT=8080 exec "
    "python3 -c 'import {package}; {package}.serve()'"
)


def enter(bases: Iterable[Mapping[str, str]], repository: str, actor: str) -> None:
    """`bases` are region and AMI id of each base image; `repository` is the URL of the packages' index."""
    _approve(bases, actor)
    for application in plan.APPLICATIONS:
        _set_recipe(application, repository, actor)
        for build in PACKAGED[application.name]:
            _report(application, build, actor)


def _approve(bases: Iterable[Mapping[str, str]], actor: str) -> None:
    from apps.images.services import approve_base

    for each in bases:
        approve_base(
            environment=packaged.ENVIRONMENT,
            region=each["region"],
            image_id=each["image"],
            name=base.NAME,
            version=base.VERSION,
            actor=actor,
        )


def _set_recipe(application: Application, repository: str, actor: str) -> None:
    from apps.images.services import set_recipe

    home, *copies = packaged.regions(application.name)
    values = {
        "environment": packaged.ENVIRONMENT,
        "region": home,
        "copies": copies,
        "base": base.NAME,
        "provisioner": PROVISIONER,
        "repository": repository,
        "options": {"target": f"/{INSTALLED}", "configuration": f"/etc /{INSTALLED}/etc"},
        "ticket_pattern": "SHOP-[0-9]+",
        "ticket_url": "https://tickets.example.com/{ticket}",
        "timeout_seconds": 180,
        "check_root": "host",
        "check_start": CHECKED.format(package=application.name, folder=f"/{INSTALLED}"),
        "check_path": "/health",
        "check_seconds": 4,
    }
    set_recipe(application.name, values, actor=actor)


def _report(application: Application, build: Packaged, actor: str) -> None:
    from apps.images.services import Reported, ReportedGate, report_build

    url = f"https://build.example.com/{application.name}/{build.number}"
    says = {"unit": f"{build.tests} passed"}
    gates = tuple(
        ReportedGate(name, _outcome(name, build), f"{url}/{name}", says.get(name, "")) for name in packaged.GATES
    )
    report_build(
        Reported(
            application=application.name,
            package=application.name,
            version=build.version,
            number=str(build.number),
            commit=build.commit,
            branch=packaged.BRANCH,
            url=url,
            changelog=build.changelog,
            gates=gates,
        ),
        actor=actor,
    )


def _outcome(gate: str, build: Packaged) -> str:
    """A faulty build is one that nobody has tried together with what it depends on."""
    return "passed" if build.kind == GOOD or gate == "unit" else "skipped" if gate == "regression" else "failed"
