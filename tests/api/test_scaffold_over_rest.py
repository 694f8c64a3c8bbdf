"""Scaffolding from its plan to its removal, over REST and on the command line, against the embedded cloud."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts import services as accounts
from apps.cli.main import main
from apps.deployments.models import Deployment
from tests.api.conftest import ApiClient
from tests.deployments.conftest import aws
from tests.deployments.lite import carry_on, cloud
from tests.deployments.scaffolding import CLUSTER, MADE, Account, account

__all__ = ["account", "aws", "cloud"]

PATH = "applications/hello/scaffold/"
GROUP = "hello-world-v000"


def last() -> Deployment:
    return Deployment.objects.latest("pk")


def test_a_scaffold_is_previewed_accepted_followed_repeated_and_removed(
    account: Account, administrator: ApiClient
) -> None:
    where: dict[str, Any] = {"environment": "test", "cluster": CLUSTER}
    body = {**where, "options": {**account.asked, "image": account.image}, "reason": "new"}
    plan = administrator.submit(PATH, {**body, "dry_run": True})
    assert plan.status_code == 200, plan.content
    assert (plan.json()["possible"], plan.json()["to_group"]) == (True, GROUP)
    assert not Deployment.objects.exists()

    answer = administrator.submit(PATH, body)
    assert (answer.status_code, answer.json()["kind"]) == (202, "scaffold"), answer.content
    busy = administrator.submit(PATH, body)
    assert (busy.status_code, busy.json()["owner"]) == (409, "ada")
    carry_on(last())
    ended = administrator.get(answer.headers["Location"]).json()
    assert (ended["state"], ended["to_group"]) == ("succeeded", GROUP), ended
    assert account.holds() == [*MADE, f"launch-template {CLUSTER}", f"group {GROUP}"]
    parts = administrator.read(PATH).json()
    assert [each["kind"] for each in parts][-2:] == ["launch-template", "group"]

    again = administrator.submit(PATH, body)
    assert (again.status_code, again.json()["steps"]) == (200, []), again.content
    assert Deployment.objects.count() == 1

    refused = administrator.submit(f"{PATH}remove/", where)
    assert refused.status_code == 422, refused.content
    (finding,) = [each for each in refused.json()["findings"] if each["level"] == "refuse"]
    assert (finding["code"], finding["overridable"]) == ("guard-last-serving", True)
    over = {**where, "overrides": [finding["code"]], "reason": "no longer"}
    removal = administrator.submit(f"{PATH}remove/", over)
    assert removal.status_code == 202, removal.content
    carry_on(last())
    assert administrator.get(removal.headers["Location"]).json()["state"] == "succeeded"
    assert (account.holds(), administrator.read(PATH).json()) == ([], [])


def test_the_command_line_makes_it_tells_that_it_stands_and_removes_it(
    account: Account,
    administrator: ApiClient,
    live_server: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert administrator.user
    monkeypatch.setenv("DEPLOYCONSOLE_URL", live_server.url)
    monkeypatch.setenv("DEPLOYCONSOLE_TOKEN", accounts.create_token(administrator.user, "cli", actor="tests")[1])

    def run(*words: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main([*words, "--env", "test"])
        assert not ended.value.code
        return capsys.readouterr().out

    create = ("apps", "create", CLUSTER, "--port", "8080", "--health-check-path", "/health")
    assert "CreateTargetGroup: hello-world, port 8080" in run(*create, "--dry-run")
    assert "Accepted: scaffold" in run(*create)
    assert carry_on(last()).state == "succeeded"
    assert "Nothing is to be made." in run(*create)
    run("apps", "remove", CLUSTER, "--reason", "no longer", "--confirm", CLUSTER)
    assert carry_on(last()).state == "succeeded"
    assert account.holds() == []
