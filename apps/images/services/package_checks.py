"""Starting the quick check of a build's package."""

from __future__ import annotations

from functools import partial

from django.db.models import QuerySet

from apps.events.services import record
from apps.images.errors import Refused
from apps.images.models import Build, PackageCheck
from apps.images.plan import check_step
from apps.images.selectors import recipe_of
from apps.images.services.recipes import shown
from apps.images.services.understood import check_version
from apps.workflows import services as workflows
from apps.workflows.models import Run

KIND = "package-check"


def check_package(build: int, *, actor: str, reason: str = "") -> PackageCheck:
    """Starts a check of a build's package; one that is under way is answered, `joined`.

    Raises Build.DoesNotExist, Invalid where the version names none, and Refused where nobody said how it is installed.
    """
    row = Build.objects.select_related("application").get(pk=build)
    recipe = recipe_of(row.application.name)
    if recipe is None:
        raise Refused(f"Nobody has said yet how {row.application} is installed. Give it a recipe first.")
    check_version(recipe, row.package, row.version)
    made = PackageCheck(
        build=row, recipe=shown(recipe), package=row.package, version=row.version, actor=actor, reason=reason
    )
    try:
        workflows.start(
            kind=KIND,
            subject=str(row)[:255],
            steps=(check_step(row.package, row.version),),
            actor=actor,
            reason=reason,
            lock=f"{KIND}:{row.pk}",
            created=partial(_created, made),
        )
    except workflows.Busy as busy:
        found = _checks().get(run=busy.lock.run_id)
        found.joined = True
        return found
    return _checks().get(pk=made.pk)


def _created(made: PackageCheck, run: Run) -> None:
    made.run = run
    made.save()
    Run.objects.filter(pk=run.pk).update(called=f"check {made.pk}")
    record(
        "check.requested",
        actor=made.actor,
        subject=f"build {made.build_id}",
        summary=f"{made.actor} asked for a check of {made.package} {made.version}",
        reason=made.reason,
        run=run.pk,
    )


def _checks() -> QuerySet[PackageCheck]:
    return PackageCheck.objects.select_related("run", "build")
