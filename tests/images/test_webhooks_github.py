"""GitHub: releases and workflow runs of a version's tag are builds, runs and checks are gates, a ping is answered."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.images.models import Build, CommitGate, Webhook
from apps.images.webhooks.github import TAG, TAG_OF_RUN, version_of
from tests.images.deliveries import deliver, made, taken

pytestmark = pytest.mark.django_db

SHA = "2fa4d17c90be11aa22bb33cc44dd55ee66ff7788"
TEN, ELEVEN = ((datetime.now(UTC) - timedelta(hours=ago)).isoformat() for ago in (2, 1))
REPOSITORY = {"full_name": "shop/web", "html_url": "https://github.example/shop/web"}
RELEASE = {
    "action": "published",
    "release": {
        "tag_name": "v1.2.0",
        "target_commitish": "main",
        "html_url": "https://github.example/shop/web/releases/tag/v1.2.0",
        "body": "PROJ-1 fix login",
        "draft": False,
    },
    "repository": REPOSITORY,
}


@pytest.fixture
def hook(db: None) -> Webhook:
    return made("github")


def run(conclusion: str = "success", branch: str = "v1.2.0", **changes: Any) -> dict[str, Any]:
    told = {
        "id": 1,
        "name": "integration",
        "head_branch": branch,
        "head_sha": SHA,
        "run_number": 87,
        "status": "completed",
        "conclusion": conclusion,
        "html_url": "https://github.example/shop/web/actions/runs/1",
        "display_title": "fix login",
        "updated_at": TEN,
        **changes,
    }
    return {"action": "completed", "workflow_run": told, "repository": REPOSITORY}


def check(conclusion: str = "success", **changes: Any) -> dict[str, Any]:
    told = {
        "name": "unit",
        "head_sha": SHA,
        "status": "completed",
        "conclusion": conclusion,
        "html_url": "https://github.example/shop/web/runs/2",
        "completed_at": TEN,
        "output": {"title": "412 passed"},
        **changes,
    }
    return {"action": "completed", "check_run": told, "repository": REPOSITORY}


def tell(hook: Webhook, event: str, payload: Any) -> str:
    return taken(hook, payload, X_GitHub_Event=event)


def gates(row: Build) -> dict[str, tuple[str, str]]:
    return {gate.name: (gate.outcome, gate.says) for gate in row.gates.all()}


def test_a_ping_is_answered_and_other_events_are_told_apart(hook: Webhook) -> None:
    assert tell(hook, "ping", {"zen": "Keep it logically awesome.", "hook_id": 1}) == "The webhook is set up."
    assert tell(hook, "push", {"ref": "refs/heads/main"}) == "Nothing is made of push."
    assert tell(hook, "release", {**RELEASE, "action": "created"}) == "Nothing is made of release created."
    assert tell(hook, "workflow_run", {**run(), "action": "requested"}) == "Nothing is made of workflow_run requested."
    assert taken(hook, {}) == "Nothing is made of a delivery without X-GitHub-Event."
    assert not Build.objects.exists()


def test_a_release_is_a_build_of_its_tags_version(hook: Webhook) -> None:
    tell(hook, "release", RELEASE)
    row = Build.objects.get()
    assert (row.package, row.version, row.number, row.branch, row.commit) == ("web", "1.2.0", "", "main", "")
    assert (row.changelog, row.url) == ("PROJ-1 fix login", RELEASE["release"]["html_url"])  # type: ignore[index]


def test_a_release_of_a_commit_names_it(hook: Webhook) -> None:
    tell(hook, "release", {**RELEASE, "release": {"tag_name": "2026.1", "target_commitish": SHA, "body": None}})
    row = Build.objects.get()
    assert (row.version, row.commit, row.branch, row.changelog) == ("2026.1", SHA, "", "")


def test_a_workflow_run_of_a_tag_and_its_release_are_one_build_in_either_order(hook: Webhook) -> None:
    tell(hook, "workflow_run", run())
    tell(hook, "release", RELEASE)
    tell(hook, "workflow_run", run("failure", name="regression"))
    row = Build.objects.get()
    assert (row.version, row.commit, row.changelog) == ("1.2.0", SHA, "PROJ-1 fix login")
    assert gates(row) == {"integration": ("passed", "fix login"), "regression": ("failed", "fix login")}


def test_checks_and_runs_of_a_branch_wait_for_what_is_built_of_their_commit(hook: Webhook) -> None:
    waits = "Kept until something that was built of this commit is reported."
    assert tell(hook, "check_run", check()) == waits
    assert tell(hook, "workflow_run", run(branch="main")) == waits
    taken(made("generic"), {"version": "1.3.0", "number": "9", "commit": SHA[:12]})
    row = Build.objects.get()
    assert gates(row) == {"unit": ("passed", "412 passed"), "integration": ("passed", "fix login")}
    assert tell(hook, "check_run", check("failure", completed_at=ELEVEN)) == f"Recorded: {row}."
    assert tell(hook, "check_run", check()) == f"Recorded: {row}."  # an old one, delivered again
    assert gates(row)["unit"][0] == "failed"


@pytest.mark.parametrize(
    ("conclusion", "outcome"),
    [
        ("success", "passed"),
        ("neutral", "passed"),
        ("skipped", "skipped"),
        ("cancelled", "skipped"),
        ("failure", "failed"),
        ("timed_out", "failed"),
        ("action_required", "failed"),
        ("something new", "failed"),
    ],
)
def test_each_conclusion_is_an_outcome(hook: Webhook, conclusion: str, outcome: str) -> None:
    tell(hook, "check_run", check(conclusion))
    assert CommitGate.objects.get().outcome == outcome


@pytest.mark.parametrize(
    ("event", "payload", "field"),
    [
        ("release", {"action": "published"}, "release.tag_name"),
        ("workflow_run", run(head_sha=None), "workflow_run.head_sha"),
        ("workflow_run", run(name=None), "workflow_run.name"),
        ("check_run", check(head_sha=None), "check_run.head_sha"),
        ("check_run", check(html_url="ftp://x"), "gates.0.url"),
    ],
)
def test_what_is_missing_is_named(hook: Webhook, event: str, payload: Any, field: str) -> None:
    answer = deliver(hook, payload, X_GitHub_Event=event)
    assert answer.status_code == 422
    assert [error["field"] for error in json.loads(answer.content)["errors"]] == [field]
    assert not Build.objects.exists()


@pytest.mark.parametrize(
    ("ref", "released", "run_for"),
    [
        ("v1.2.3", "1.2.3", "1.2.3"),
        ("web-v1.2.3-rc1", "1.2.3-rc1", "1.2.3-rc1"),
        ("1.2.3-4.5", "1.2.3-4.5", "1.2.3-4.5"),
        ("v1.2", "1.2", ""),  # runs tell no tags from branches, and these are branches of some
        ("v18.x", "18.x", ""),
        ("release/1.2.3", "1.2.3", ""),
        ("main", "", ""),
        ("feature/2-factor", "", ""),
        ("", "", ""),
    ],
)
def test_a_tag_names_a_version_and_a_branch_does_not(ref: str, released: str, run_for: str) -> None:
    assert (version_of(ref, TAG), version_of(ref, TAG_OF_RUN)) == (released, run_for)
