"""Checks that could not be carried out now: their bakes go on, and what stood against them is tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from apps.images.checks.ways import namespace
from apps.images.models import PackageCheck
from apps.images.steps import check_package as step
from apps.workflows.models import Step
from tests.faults.workers import look
from tests.images.kitchen import Kitchen, ended


def test_a_bake_whose_check_waited_too_long_for_its_turn_goes_on_without(kitchen: Kitchen) -> None:
    made = kitchen.started(check_first=True, check_root="host")
    with step._turn():
        look(made.run)
        checks = Step.objects.filter(run=made.run, kind="check-package")
        checks.update(started_at=F("started_at") - timedelta(hours=1))
        look(made.run)
    assert ended(made).state == "succeeded"
    row = PackageCheck.objects.get(run=made.run)
    assert row.outcome == "skipped"
    assert row.says.endswith("Another package is being checked on this machine.")


def test_what_the_kernel_refused_once_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    namespace._kernel.cache_clear()
    with monkeypatch.context() as here:
        here.setattr(namespace, "PROGRAM", "raise SystemExit('too many users')")
        with pytest.raises(namespace.NoNamespacesError, match="too many users"):
            namespace._kernel()
    namespace._kernel()
