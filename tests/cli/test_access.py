"""Which console and as whom; what happens when it is not there or does not know us; `--help` and the documentation."""

import io
import json
import re
import stat
from pathlib import Path

import pytest

from apps.cli import configuration
from apps.cli.exits import HELP, Exit
from apps.cli.main import command
from tests.cli.conftest import Answer, Pretended, Shell

ME = Answer({"username": "demo", "role": "administrator"})
EMPTY = Answer({"results": [], "next": None})


def test_a_login_is_tried_then_stored_for_its_owner_only(console: Pretended, run: Shell) -> None:
    console.answers("GET", "me/", ME)

    done = run("login", console.url + "/", "--token", "dc_mine")

    assert done.status == 0
    assert "as demo (administrator)" in done.out
    assert stat.S_IMODE(configuration.path().stat().st_mode) == 0o600
    assert json.loads(configuration.path().read_text()) == {"url": console.url, "token": "dc_mine"}


def test_a_token_that_is_not_accepted_is_not_stored(console: Pretended, run: Shell) -> None:
    console.answers("GET", "me/", Answer({"title": "Unauthorized", "detail": "The token is unknown."}, 401))

    done = run("login", console.url, "--token", "dc_wrong")

    assert done.status == 7
    assert "The token is unknown." in done.err
    assert not configuration.path().exists()


def test_a_token_may_come_on_standard_input_and_none_is_a_usage_error(
    console: Pretended, run: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    console.answers("GET", "me/", ME)
    monkeypatch.setattr("sys.stdin", io.StringIO("dc_piped\n"))
    assert run("login", console.url).status == 0
    assert json.loads(configuration.path().read_text())["token"] == "dc_piped"
    none = run("login", console.url)
    assert none.status == Exit.USAGE
    assert none.err == "Give the token with --token, or on standard input.\n"


def test_what_was_stored_is_used_and_the_environment_wins(
    console: Pretended, run: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    console.answers("GET", "me/", ME)
    console.answers("GET", "applications/", EMPTY)
    run("login", console.url, "--token", "dc_stored")
    monkeypatch.delenv("DEPLOYCONSOLE_URL")
    monkeypatch.delenv("DEPLOYCONSOLE_TOKEN")
    run("apps", "list")
    monkeypatch.setenv("DEPLOYCONSOLE_TOKEN", "dc_environment")
    run("apps", "list")

    used = [asked.headers["Authorization"] for asked in console.asked]
    assert used == ["Bearer dc_stored", "Bearer dc_stored", "Bearer dc_environment"]


def test_a_stored_token_is_not_sent_to_another_console(
    console: Pretended, run: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration.store(configuration.Access("https://other.example.com", "dc_other"))
    monkeypatch.delenv("DEPLOYCONSOLE_TOKEN")

    assert run("apps", "list").status == 7
    assert console.asked == []


def test_without_any_access_the_way_in_is_told(console: Pretended, run: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEPLOYCONSOLE_URL")
    monkeypatch.delenv("DEPLOYCONSOLE_TOKEN")

    done = run("status")

    assert done.status == 7
    assert "deployconsole login" in done.err
    assert console.asked == []


def test_a_console_that_is_not_there_is_unreachable(
    console: Pretended, run: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPLOYCONSOLE_URL", "http://127.0.0.1:1")

    done = run("status")

    assert done.status == 6
    assert "http://127.0.0.1:1 cannot be reached" in done.err


def test_an_error_of_the_console_is_a_failure_and_shows_its_reference(console: Pretended, run: Shell) -> None:
    console.answers("GET", "clusters/", Answer({"title": "Internal Server Error", "detail": "Reference 4f2a."}, 500))

    done = run("status")

    assert done.status == 1
    assert "4f2a" in done.err


def test_a_missing_permission_is_a_refusal(console: Pretended, run: Shell) -> None:
    console.answers("POST", "applications/", Answer({"title": "Forbidden", "detail": "Viewers only read."}, 403))

    assert run("apps", "create", "billing").status == 3


@pytest.mark.parametrize(
    "arguments", [["push"], ["push", "x", "--nonsense"], ["nonsense"], ["history", "--limit", "0"]]
)
def test_a_wrong_command_line_is_a_usage_error(console: Pretended, run: Shell, arguments: list[str]) -> None:
    assert run(*arguments).status == 2
    assert console.asked == []


def test_every_exit_code_stands_in_help_and_in_the_documentation(run: Shell) -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"
    for text in (run("push", "--help").out, HELP):
        assert {int(code) for code in re.findall(r"^ *(\d+)  ", text, re.MULTILINE)} == set(map(int, Exit))
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", page.read_text(), re.MULTILINE)} == set(map(int, Exit))


def test_every_command_stands_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "command-line.md").read_text()
    assert set(re.findall(r"^\| `([a-z-]+)", page, re.MULTILINE)) == set(command.commands)
