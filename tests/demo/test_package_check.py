"""The samples' packages can be checked: those that are good pass, and those that never get well fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.demo.seeding import base, builds, packages, plan
from apps.images.models import Build
from apps.images.services import check_package
from apps.inventory.models import Application, Environment
from tests.console import baking
from tests.faults.workers import carry_on
from tests.images.repository import served


@pytest.mark.django_db(transaction=True)
def test_a_sample_that_is_good_passes_and_one_that_never_gets_well_fails(tmp_path: Path) -> None:
    regions = sorted({fleet.region for fleet in plan.FLEETS})
    where = Environment.objects.create(name="test", account_id="123456789012", role_arn="", regions=regions)
    for region in regions:
        baking.base_image(where, name=base.NAME, region=region)
    packages.publish(tmp_path)
    sample = plan.APPLICATIONS[0]
    Application.objects.create(name=sample.name)
    found = {}
    with served(tmp_path) as repository:
        builds._set_recipe(sample, f"{repository}/simple/", "demo")
        for each in builds.PACKAGED[sample.name][1:]:
            builds._report(sample, each, "demo")
            row = check_package(Build.objects.latest("pk").pk, actor="demo")
            carry_on(row)
            row.refresh_from_db()
            found[each.kind] = (row.outcome, row.says, row.installed)
    good, bad = found["good"], found["never_healthy"]
    assert good[:2] == ("passed", "Installed; GET /health on port 8080 answered well.")
    assert f"python:{sample.name}" in good[2]
    assert "python:shop-serving" in good[2]
    assert bad[0] == "failed"
    assert "GET /health on port 8080 answered 503" in bad[1]
