"""Trying a package in a throwaway root: in the worker's own time, some seconds, and never two at once on a machine."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.images import checks
from apps.images.models import Bake, Gate, PackageCheck
from apps.images.reported import ReportedGate
from apps.images.services.gates import take_gates
from apps.inventory.models import Application
from apps.workflows.context import Context
from apps.workflows.kinds import StepKind, register
from apps.workflows.plans import Change, Done, Failed, Outcome, Wait

BUSY = 1.0  # seconds until a machine that checks another package is asked again
MOST_SAYS = 500  # characters that a gate says


@register
class CheckPackage(StepKind):
    """Of its own run, or the first of a bake: which ends where the package is not well, and goes on where nobody knows.

    A worker that dies takes the check with it; the next one begins it anew.
    """

    slug = "check-package"

    def run(self, context: Context) -> Outcome:
        row = _row(context)
        if row.outcome:
            return _told(row, context)
        way = checks.choose(_asked(row))
        if isinstance(way, checks.Result):
            return self._end(context, row, way, "", None)
        with _turn() as ours:
            if not ours:
                return Wait(BUSY, "Another package is being checked on this machine.")
            _gate(row, Gate.Outcome.RUNNING, "")
            began = time.monotonic()
            result = way.check(_asked(row), context.renew)
        return self._end(context, row, result, way.slug, time.monotonic() - began)

    def _end(
        self, context: Context, row: PackageCheck, result: checks.Result, way: str, seconds: float | None
    ) -> Outcome:
        row.outcome, row.says, row.way, row.seconds = result.outcome, result.says, way, seconds
        row.log, row.log_cut, row.installed = result.log, result.log_cut, dict(result.installed)
        told = _told(row, context)
        if isinstance(told, Done):
            return Done(told.says, told.facts, told.changes, also=(partial(_keep, row),))
        context.remember(checked=True)  # still ours: nobody else has begun it anew
        _keep(row)
        return told

    def given_up(self, context: Context, failed: Failed) -> Outcome:
        """It could not be carried out at all, or failed: then its row says so already.

        A bake goes on where nobody knows whether the package is well: others' checks may have taken all the time.
        """
        row = _row(context)
        if not row.outcome:
            row.outcome, row.says = Gate.Outcome.SKIPPED, failed.says
            _keep(row)
        skipped = row.outcome == Gate.Outcome.SKIPPED
        return _told(row, context) if skipped and _of_a_bake(context) else failed

    def undo(self, context: Context) -> Outcome:
        """Nothing is left of it; one that was stopped says so."""
        row = _row(context)
        if not row.outcome:
            row.outcome, row.says = Gate.Outcome.SKIPPED, "It was cancelled."
            _keep(row)
        return Done()


def _row(context: Context) -> PackageCheck:
    """The check of this run; of a bake it is made now."""
    rows = PackageCheck.objects.select_related("build__application")
    row = rows.filter(run_id=context.run_id).first()
    if row is not None:
        return row
    bake = Bake.objects.select_related("build").get(run_id=context.run_id)
    facts = {"build": bake.build, "recipe": bake.recipe, "package": bake.package, "version": bake.version}
    asked = {"actor": bake.actor, "reason": bake.reason}
    rows.get_or_create(run_id=context.run_id, defaults={**facts, **asked})
    return rows.get(run_id=context.run_id)


def _of_a_bake(context: Context) -> bool:
    return Bake.objects.filter(run_id=context.run_id).exists()


def _asked(row: PackageCheck) -> checks.Asked:
    return checks.Asked(row.recipe, row.package, row.version, settings.PACKAGE_CHECK_SECONDS)


def _told(row: PackageCheck, context: Context) -> Outcome:
    """What it comes to for its run: of a bake a failure, of its own run what was asked for."""
    if row.outcome == Gate.Outcome.FAILED and _of_a_bake(context):
        return Failed(f"The package check failed. {row.says}"[:2000])
    words = {Gate.Outcome.PASSED: "passed", Gate.Outcome.FAILED: "failed"}.get(Gate.Outcome(row.outcome), "not offered")
    subject = f"build {row.build_id}" if row.build_id else f"{row.package} {row.version}"
    summary = f"Check of {row.package} {row.version}: {words}. {row.says}"
    after = {"outcome": row.outcome, "seconds": row.seconds and round(row.seconds, 1), "way": row.way}
    return Done(row.says, changes=(Change("package.checked", subject, summary, after=after),))


@transaction.atomic
def _keep(row: PackageCheck) -> None:
    """Writes down how it ended, and what that makes of the build's gate."""
    row.ended_at = timezone.now()
    row.save()
    if row.outcome == Gate.Outcome.FAILED:  # a bake that ends with it has no builder's log
        Bake.objects.filter(run_id=row.run_id).update(log=row.log, log_cut=row.log_cut)
    _gate(row, row.outcome, row.says)


@transaction.atomic
def _gate(row: PackageCheck, outcome: str, says: str) -> None:
    if row.build is not None:
        Application.objects.select_for_update(no_key=True).get(pk=row.build.application_id)
        take_gates(row.build, (ReportedGate(checks.NAME, outcome, says=says[:MOST_SAYS]),), row.actor)


@contextmanager
def _turn() -> Iterator[bool]:
    """Whether it is this process's turn: one check at a time on a machine, by a lock that ends with the process."""
    with Path(__file__).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
