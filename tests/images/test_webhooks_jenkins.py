"""Jenkins: what its Notification plugin posts, with the secret as password; and what a pipeline signs by itself."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from apps.images.models import Build, Webhook
from tests.images.deliveries import deliver, made, send, taken

pytestmark = pytest.mark.django_db

TIME = 1_767_261_600_000  # 2026-01-01T10:00Z
SHA = "c6d86dc654b12425e706bcf951adfe5a8627a517"


@pytest.fixture
def hook(db: None) -> Webhook:
    return made("jenkins")


def job(**changes: Any) -> dict[str, Any]:
    """What the plugin sends of a job that has ended."""
    build = {
        "full_url": "https://jenkins.example/job/web/18/",
        "number": 18,
        "queue_id": 40,
        "timestamp": TIME,
        "phase": "FINALIZED",
        "status": "SUCCESS",
        "url": "job/web/18/",
        "scm": {
            "url": "https://git.example/web",
            "branch": "origin/main",
            "commit": SHA,
            "changes": [],
            "culprits": [],
        },
        "parameters": {"VERSION": "1.2.0"},
        "log": "",
        "notes": "",
        "artifacts": {},
        **changes,
    }
    return {"name": "web", "display_name": "web", "url": "job/web/", "build": build}


def gates(row: Build) -> dict[str, tuple[str, str]]:
    return {gate.name: (gate.outcome, gate.says) for gate in row.gates.all()}


def password(text: str) -> str:
    return "Basic " + base64.b64encode(f"jenkins:{text}".encode()).decode()


def test_a_job_that_built_is_a_build_and_its_test_results_are_a_gate(hook: Webhook) -> None:
    tests = {"total": 415, "failed": 3, "passed": 410, "skipped": 2, "failed_tests": ["a", "b", "c"]}
    taken(hook, job(test_summary=tests))
    row = Build.objects.get()
    assert (row.version, row.number, row.commit, row.branch) == ("1.2.0", "18", SHA, "main")
    assert row.url == "https://jenkins.example/job/web/18/"
    assert gates(row) == {"build": ("passed", "success"), "unit": ("failed", "410 passed, 3 failed, 2 skipped")}


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("SUCCESS", "passed"),
        ("UNSTABLE", "failed"),
        ("FAILURE", "failed"),
        ("ABORTED", "failed"),
        ("NOT_BUILT", "skipped"),
    ],
)
def test_each_result_is_an_outcome(hook: Webhook, status: str, outcome: str) -> None:
    taken(hook, job(status=status))
    assert gates(Build.objects.get())["build"][0] == outcome


def test_a_job_with_a_gate_tells_of_the_build_it_tested(hook: Webhook) -> None:
    taken(hook, job())
    taken(
        hook,
        job(
            number=3,
            full_url="https://jenkins.example/job/regression/3/",
            parameters={"VERSION": "1.2.0", "GATE": "regression", "TESTED_BUILD": "18"},
            status="FAILURE",
        ),
    )
    taken(hook, job(number=4, parameters={"version": "1.2.0", "gate": "integration"}, test_summary={"passed": 9}))
    row = Build.objects.get()
    assert row.url == "https://jenkins.example/job/web/18/"
    assert gates(row) == {
        "build": ("passed", "success"),
        "regression": ("failed", "failure"),
        "integration": ("passed", "9 passed"),
    }


def test_the_version_may_stand_in_the_notes(hook: Webhook) -> None:
    taken(hook, job(parameters=None, notes="built by the nightly\nversion = 1.3.0\npackage=shop-web\n"))
    row = Build.objects.get()
    assert (row.version, row.package) == ("1.3.0", "shop-web")


@pytest.mark.parametrize("phase", ["QUEUED", "STARTED", "NONE"])
def test_a_job_that_goes_on_tells_nothing_yet(hook: Webhook, phase: str) -> None:
    assert taken(hook, job(phase=phase, status=None)) == f"Nothing is made of the phase {phase}."
    assert not Build.objects.exists()


def test_an_earlier_result_that_is_delivered_late_does_not_win(hook: Webhook) -> None:
    taken(hook, job(status="FAILURE", timestamp=TIME + 60_000))
    taken(hook, job(status="SUCCESS"))
    assert gates(Build.objects.get())["build"][0] == "failed"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"parameters": {}}, "build.parameters.VERSION"),
        ({"parameters": ["VERSION"]}, "build.parameters"),
        ({"phase": None}, "build.phase"),
        ({"status": None}, "build.status"),
        ({"status": "GREEN"}, "build.status"),
        ({"number": [1]}, "build.number"),
    ],
)
def test_what_is_missing_is_named(hook: Webhook, change: dict[str, Any], field: str) -> None:
    answer = deliver(hook, job(**change))
    assert answer.status_code == 422
    assert [error["field"] for error in json.loads(answer.content)["errors"]] == [field]
    assert not Build.objects.exists()


def test_the_secret_is_taken_as_password_as_the_plugin_can_send_it(hook: Webhook) -> None:
    body = json.dumps(job()).encode()
    assert send(hook, body, Authorization=password(hook.secret)).status_code == 200
    for wrong in (password("guess"), password(""), "Basic ?", "Basic", f"Bearer {hook.secret}", hook.secret, "Basic é"):
        assert send(hook, body, Authorization=wrong).status_code == 401, wrong


def test_no_other_format_takes_a_password(db: None) -> None:
    hook = made("generic")
    assert send(hook, b'{"version": "1"}', Authorization=password(hook.secret)).status_code == 401
