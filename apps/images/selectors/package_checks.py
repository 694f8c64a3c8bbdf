"""Reading quick checks of packages."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from apps.images.models import PackageCheck
from apps.workflows.models import Attempt, Step


def checks() -> QuerySet[PackageCheck]:
    """All checks, newest first, each with its run and build."""
    return PackageCheck.objects.select_related("run", "build").order_by("-id")


def check(pk: int) -> PackageCheck:
    """One with the steps of its run. 3 queries; raises PackageCheck.DoesNotExist."""
    attempts = Prefetch("attempts", Attempt.objects.order_by("id"))
    steps = Prefetch("run__steps", Step.objects.order_by("position").prefetch_related(attempts))
    return checks().prefetch_related(steps).get(pk=pk)


def latest(build: int) -> PackageCheck | None:
    """The newest check of a build."""
    return checks().filter(build=build).first()


def sentence(row: PackageCheck) -> str:
    """How it ended, or how far it is."""
    return row.says or row.run.says or row.run.failure or "Waiting for a worker to begin."
