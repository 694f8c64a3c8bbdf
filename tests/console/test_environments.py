"""The page of environments: how old each region is, and what could not be read, each failure once with its mend."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.console.build.environments import AGAIN, MENDS, mend
from apps.inventory.models import Environment, SyncState

REFUSED = "AssumeRole: User arn:aws:iam::1:user/console is not authorized to perform: sts:AssumeRole"
ROUNDS = {"prod": ["us-east-1", "eu-west-1"], "test": ["us-east-1"]}


def read(environment: Environment, region: str, kind: str, error: str = "") -> None:
    at = timezone.now() - timedelta(minutes=3)
    SyncState.objects.create(
        environment=environment, region=region, kind=kind, started_at=at, finished_at=at, succeeded_at=at, error=error
    )


def everywhere(error: str) -> None:
    """Three regions of two accounts, in which everything failed alike; `error` may name region and kind."""
    for number, (name, regions) in enumerate(ROUNDS.items()):
        row = Environment.objects.create(name=name, account_id=f"12345678901{number}", regions=regions)
        for region in regions:
            for kind in SyncState.Kind.values:
                call = f"Describe{kind.title().replace(' ', '')}"
                read(row, region, kind, error.format(call=call, region=region))


@pytest.mark.parametrize(
    "error",
    [REFUSED, "{call}: not authorized to perform: ec2:{call} in {region}", "AWS gave no answer to {call}: {region}"],
)
def test_what_failed_alike_is_said_once_with_where_and_what_mends_it(viewer: Client, error: str) -> None:
    everywhere(error)
    text = " ".join(viewer.get("/environments/").content.decode().split())
    failures = text.split('id="failures"')[1].split("</section>")[0]
    assert failures.count("notice--fail") == 1
    assert "<strong>prod in us-east-1 and eu-west-1; test in us-east-1</strong>: everything." in failures
    assert mend(error) != AGAIN
    assert mend(error).split(":")[0] in failures
    assert text.count("not read</span>") >= 3


def test_a_region_is_one_line_as_old_as_the_oldest_of_it(viewer: Client) -> None:
    row = Environment.objects.create(name="prod", account_id="123456789012", regions=["us-east-1"])
    for kind in SyncState.Kind.values:
        read(row, "us-east-1", kind, "Rate exceeded" if kind == "images" else "")
    text = " ".join(viewer.get("/environments/").content.decode().split())
    assert "not read: images" in text
    assert "3 min ago" in text
    SyncState.objects.filter(kind="images").update(error="", succeeded_at=None)
    text = " ".join(viewer.get("/environments/").content.decode().split())
    assert "being read" in text
    assert 'data-label="The oldest of it">never' in text
    assert "What could not be read" not in text


def test_each_failure_that_is_known_has_another_mend() -> None:
    assert len({told for _, told in MENDS}) == len(MENDS)
    assert all(mend(f"X: {word} here") == told for words, told in MENDS for word in words)
