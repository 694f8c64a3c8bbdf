"""`builds` and `webhooks`: what is asked of the console, and how they look."""

from pathlib import Path

from tests.cli.conftest import Answer, Pretended, Shell

BUILD = {
    "id": 5,
    "application": "web",
    "package": "web",
    "version": "1.2.0",
    "number": "7",
    "branch": "main",
    "commit": "2fa4d17c90be11aa22bb33cc44dd55ee66ff7788",
    "ci_url": "https://ci.example/7",
    "reported_by": "ci",
    "gates": [
        {"name": "unit", "outcome": "passed", "url": "https://ci.example/7/unit", "says": "412 passed"},
        {"name": "regression", "outcome": "failed", "url": "", "says": ""},
    ],
    "created_at": None,
    "image_ids": ["ami-1", "ami-2"],
    "used_in": [{"environment": "prod", "region": "us-east-1", "does": "serves"}],
    "gone_to": {
        "images": [{"image_id": "ami-1", "environment": "prod", "region": "us-east-1", "state": "available"}],
        "groups": [{"group": "web-prod-v013", "environment": "prod", "does": "serves"}],
        "deployments": [{"id": 87, "kind": "push", "cluster": "web-prod", "environment": "prod", "state": "succeeded"}],
    },
}
HOOK = {
    "id": 3,
    "application": "web",
    "format": "github",
    "receives_at": "https://deploy.example/api/v1/hooks/3/",
    "last_used_at": None,
    "revoked_at": None,
}


def test_builds_are_listed_as_asked_for(console: Pretended, run: Shell) -> None:
    path = "builds/?q=1.2&application=web&gate=unit&outcome=passed"
    console.answers("GET", path, Answer({"results": [BUILD], "next": None}))
    done = run("builds", "list", "1.2", "--app", "web", "--gate", "unit", "--outcome", "passed")
    assert (
        done.out
        == "5\tweb\tweb\t1.2.0\t7\tmain\t2fa4d17c90be\tunit passed, regression failed\t2, serves in prod us-east-1\t\n"
    )
    assert run("builds", "list", "--outcome", "green").status == 2


def test_one_is_shown_with_where_it_has_gone(console: Pretended, run: Shell) -> None:
    console.answers("GET", "builds/5/", Answer(BUILD))
    lines = run("builds", "show", "5").out.splitlines()
    assert "version\t1.2.0" in lines
    assert "gate unit\tpassed 412 passed https://ci.example/7/unit" in lines
    assert "gate regression\tfailed" in lines
    assert lines[-3:] == [
        "image\tami-1 prod us-east-1 available",
        "group\tweb-prod-v013 prod serves",
        "deployment\t87 push web-prod prod succeeded",
    ]


def test_one_is_reported_as_the_command_says(console: Pretended, run: Shell, tmp_path: Path) -> None:
    console.answers("POST", "builds/", Answer(BUILD, 201))
    changelog = tmp_path / "changelog"
    changelog.write_text("fix login\n")
    done = run(
        "builds", "report", "--app", "web", "--version", "1.2.0", "--number", "7", "--commit", "2fa4",
        "--changelog", str(changelog), "--gate", "unit=passed", "--gate", "regression=failed",
    )  # fmt: skip
    assert done.out == "Build 5: web 1.2.0\n"
    assert console.posted() == [
        {
            "application": "web",
            "version": "1.2.0",
            "package": "",
            "number": "7",
            "commit": "2fa4",
            "branch": "",
            "ci_url": "",
            "changelog": "fix login\n",
            "gates": [{"name": "unit", "outcome": "passed"}, {"name": "regression", "outcome": "failed"}],
        }
    ]


def test_a_gate_without_an_outcome_is_told_before_anything_is_sent(console: Pretended, run: Shell) -> None:
    shape = "is not of the form name=outcome"
    unknown = "There is no outcome 'green'; known are running, passed, failed, skipped."
    for given, says in (("unit", shape), ("=passed", shape), ("unit=green", unknown)):
        done = run("builds", "report", "--app", "web", "--version", "1", "--gate", given)
        assert done.status == 2
        assert says in " ".join(done.err.split())
    assert console.asked == []


def test_webhooks_are_listed(console: Pretended, run: Shell) -> None:
    gone = {**HOOK, "id": 2, "revoked_at": "2026-01-01T00:00:00Z"}
    console.answers("GET", "webhooks/", Answer({"results": [HOOK, gone], "next": None}))
    assert run("webhooks", "list").out.splitlines() == [
        "3\tweb\tgithub\tlive\tnever\thttps://deploy.example/api/v1/hooks/3/",
        "2\tweb\tgithub\trevoked\tnever\thttps://deploy.example/api/v1/hooks/3/",
    ]


def test_a_secret_is_alone_on_standard_output(console: Pretended, run: Shell) -> None:
    console.answers("POST", "webhooks/", Answer({**HOOK, "secret": "hush"}, 201))
    done = run("webhooks", "create", "web", "--format", "github")
    assert done.out == "hush\n"
    assert "https://deploy.example/api/v1/hooks/3/" in done.err
    assert console.posted() == [{"application": "web", "format": "github"}]


def test_revoking_one_asks_unless_told_not_to(console: Pretended, run: Shell) -> None:
    console.answers("GET", "webhooks/3/", Answer(HOOK))
    console.answers("DELETE", "webhooks/3/", Answer({}, 204))
    done = run("webhooks", "revoke", "3", "--yes")
    assert done.out == "Nothing that comes to webhook 3 is taken any more.\n"
    assert [asked.method for asked in console.asked] == ["GET", "DELETE"]
