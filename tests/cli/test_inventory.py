"""What there is, looked at and entered from the command line: groups, instances, environments, tokens and the like."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import Answer, Pretended, Shell

WHERE = {"environment": "prod", "region": "us-east-1"}
GROUP = {
    **WHERE,
    "name": "api-prod-v001",
    "min_size": 1,
    "desired_capacity": 2,
    "max_size": 4,
    "in_service_count": 2,
    "instance_count": 3,
    "image_id": "ami-1",
    "suspended": ["Launch"],
}
INSTANCE = {
    **WHERE,
    "instance_id": "i-1",
    "group": "api-prod-v001",
    "zone": "us-east-1a",
    "state": "running",
    "lifecycle_state": "InService",
    "health_status": "Healthy",
    "image_id": "ami-1",
    "private_ip": "10.0.0.1",
}
BALANCER = {
    **WHERE,
    "name": "api",
    "scheme": "internal",
    "state": "active",
    "dns_name": "api.elb",
    "listeners": [{"protocol": "HTTPS", "port": 443}, {"protocol": "HTTP", "port": 80}],
}
TEMPLATE = {**WHERE, "template_id": "lt-1", "name": "api-prod", "default_version": 1, "latest_version": 7}
TOKEN = {"id": 4, "name": "ci", "user": "maria", "expires_at": None, "revoked_at": None, "last_used_at": None}


@pytest.mark.parametrize(
    ("arguments", "path", "item", "line"),
    [
        (
            ["groups", "api", "--cluster", "api-prod"],
            "groups/?q=api&cluster=api-prod",
            GROUP,
            "api-prod-v001\tprod\tus-east-1\t1/2/4\t2 of 3\tami-1\tLaunch",
        ),
        (
            ["instances", "--group", "api-prod-v001"],
            "instances/?group=api-prod-v001",
            INSTANCE,
            "i-1\tapi-prod-v001\tprod\tus-east-1\tus-east-1a\tInService\tHealthy\tami-1\t10.0.0.1\t",
        ),
        (
            ["load-balancers", "--env", "prod"],
            "load-balancers/?environment=prod",
            BALANCER,
            "api\tprod\tus-east-1\tinternal\tactive\tapi.elb\tHTTPS:443 HTTP:80",
        ),
        (["launch-templates"], "launch-templates/", TEMPLATE, "lt-1\tapi-prod\tprod\tus-east-1\t1\t7\t"),
        (
            ["environments", "list"],
            "environments/",
            {"name": "prod", "account_id": "123456789012", "regions": ["us-east-1", "eu-west-1"], "production": True},
            "prod\t123456789012\tus-east-1 eu-west-1\tyes\t\t",
        ),
        (["tokens", "list"], "tokens/", TOKEN, "4\tci\tmaria\tlive\tnever"),
    ],
)
def test_what_there_is_is_listed(
    console: Pretended, run: Shell, arguments: list[str], path: str, item: dict[str, object], line: str
) -> None:
    console.answers("GET", path, Answer({"results": [item], "next": None}))
    assert run(*arguments).out.splitlines() == [line]
    assert json.loads(run(*arguments, "--json").out) == [item]
    console.answers("GET", path, Answer({"results": [], "next": None}))
    nothing = run(*arguments)
    assert (nothing.status, nothing.out, bool(nothing.err)) == (0, "", True)


def test_anything_is_found_by_a_part_of_its_name(console: Pretended, run: Shell) -> None:
    hit = {"kind": "cluster", "name": "api-prod", **WHERE, "more": "api"}
    console.answers("GET", "search/?q=api", Answer([hit]))
    assert run("search", "api").out.splitlines() == ["cluster\tapi-prod\tprod\tus-east-1\tapi"]
    assert json.loads(run("search", "api", "--json").out) == [hit]


@pytest.mark.parametrize("what", ["console-output", "user-data"])
def test_an_instance_is_looked_into_by_its_id_alone(console: Pretended, run: Shell, what: str) -> None:
    console.answers("GET", "instances/?q=i-1", Answer({"results": [INSTANCE], "next": None}))
    told = {"instance_id": "i-1", "text": "booted"}
    console.answers("POST", f"instances/prod/us-east-1/i-1/{what}/", Answer(told), Answer(told), Answer({"text": ""}))
    assert run("instance", what, "i-1").out == "booted\n"
    assert json.loads(run("instance", what, "i-1", "--env", "prod", "--region", "us-east-1", "--json").out) == told
    none = run("instance", what, "i-1")
    assert (none.out, none.err) == ("", "i-1 has none.\n")


def test_an_instance_that_nobody_knows_is_refused(console: Pretended, run: Shell) -> None:
    console.answers("GET", "instances/?q=i-2", Answer({"results": [INSTANCE], "next": None}))
    ended = run("instance", "user-data", "i-2")
    assert (ended.status, "No instance i-2 is known" in ended.err) == (3, True)


def test_an_application_is_changed_where_it_is_named_and_forgotten(console: Pretended, run: Shell) -> None:
    console.answers("PATCH", "applications/api/", Answer({"name": "api"}))
    console.answers("DELETE", "applications/api/", Answer({}, 204))
    changed = run("apps", "edit", "api", "--owner", "payments", "--tag", "team=a", "--reason", "moved")
    assert changed.out == "Application api is changed.\n"
    assert console.asked[-1].body == {"owner": "payments", "tags": {"team": "a"}, "reason": "moved"}
    assert run("apps", "edit", "api", "--reason", "moved").status == 2
    assert run("apps", "delete", "api", "--yes").out == "Application api is forgotten.\n"
    assert console.asked[-1].method == "DELETE"


def test_what_still_runs_is_not_forgotten(console: Pretended, run: Shell) -> None:
    refusal = {"title": "Not possible now", "detail": "api still has 2 groups.", "status": 409}
    console.answers("DELETE", "applications/api/", Answer(refusal, 409))
    refused = run("apps", "delete", "api", "--yes")
    assert (refused.status, "api still has 2 groups." in refused.err) == (3, True)


def test_an_environment_is_added_and_changed(console: Pretended, run: Shell) -> None:
    console.answers("POST", "environments/", Answer({"name": "prod"}, 201))
    console.answers("PATCH", "environments/prod/", Answer({"name": "prod"}))
    added = run("environments", "add", "prod", "--account", "123456789012", "--region", "us-east-1", "--production")
    assert added.out == "Environment prod is added; it is read from AWS next.\n"
    assert console.posted() == [
        {"name": "prod", "account_id": "123456789012", "regions": ["us-east-1"], "production": True}
    ]
    assert run("environments", "add", "prod", "--account", "123456789012").status == 2
    run("environments", "edit", "prod", "--region", "us-east-1", "--region", "eu-west-1", "--no-production")
    assert console.asked[-1].body == {"regions": ["us-east-1", "eu-west-1"], "production": False}
    assert run("environments", "edit", "prod").status == 2


def test_a_token_is_printed_once_alone_on_standard_output(console: Pretended, run: Shell) -> None:
    console.answers("POST", "tokens/", Answer({**TOKEN, "token": "dc_new"}, 201))
    made = run("tokens", "create", "ci", "--days", "30")
    assert (made.out, "It is not shown again" in made.err) == ("dc_new\n", True)
    run("tokens", "create", "ci", "--for-ever")
    short, long = console.posted()
    assert isinstance(short, dict)
    until = datetime.fromisoformat(short["expires_at"])
    assert timedelta(days=29) < until - datetime.now(UTC) <= timedelta(days=30)
    assert long == {"name": "ci", "expires_at": None}


def test_a_token_is_revoked_once_that_is_said_twice(
    console: Pretended, run: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    console.answers("GET", "tokens/4/", Answer(TOKEN))
    console.answers("DELETE", "tokens/4/", Answer({}, 204))
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _text: "n")
    assert run("tokens", "revoke", "4").status == 130
    assert [asked.method for asked in console.asked] == ["GET"]
    assert run("tokens", "revoke", "4", "--yes").out == "ci opens nothing any more.\n"
    assert console.asked[-1].method == "DELETE"
