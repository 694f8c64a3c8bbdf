"""The demo's pieces by themselves: folder, lock, port, record, first screen."""

import json
import os
import socket
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from apps.demo import lock, record, screen, surroundings
from apps.demo.folders import FOLDER, Folders
from apps.demo.listener import PortTakenError, listen
from apps.demo.record import Record, Sample
from apps.demo.surroundings import Cloud, Secrets


def sample(cluster: str, region: str = "us-east-1") -> Sample:
    return Sample(
        "web", "prod", region, cluster, "http://127.1.0.1:8080/", "ami-0", ["ami-1"], {"never_healthy": "ami-2"}
    )


RECORD = Record("http://127.0.0.1:8000", "demo", "secret", "dc_token", [sample("web-prod")])


def test_what_an_earlier_demo_left_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "var")
    folders.clear()
    folders.record.write_text("{}")
    (folders.logs / "web.log").write_text("old")
    (folders.state / "postgres").mkdir()
    (folders.top / "mine").write_text("kept")

    folders.clear()

    assert not folders.record.exists()
    assert list(folders.logs.iterdir()) == []
    assert list(folders.state.iterdir()) == []
    assert (folders.top / "mine").read_text() == "kept"


def test_one_demo_at_a_time_and_the_second_is_told_how_to_stop_the_first(tmp_path: Path) -> None:
    path = tmp_path / "demo.lock"
    attempt = (
        f"from pathlib import Path; from apps.demo.lock import held\nwith held(Path({str(path)!r})): print('held')"
    )
    with lock.held(path):
        second = subprocess.run([sys.executable, "-c", attempt], capture_output=True, text=True, check=False)
        assert second.returncode != 0
        assert f"kill {os.getpid()}" in second.stderr
    third = subprocess.run([sys.executable, "-c", attempt], capture_output=True, text=True, check=False)
    assert third.stdout.strip() == "held"


def test_a_port_that_was_asked_for_is_taken_or_refused_by_name() -> None:
    with listen(0) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortTakenError, match=str(port)):
            listen(port)


def test_the_usual_port_gives_way_to_the_next_free_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        usual = probe.getsockname()[1]
        probe.listen()
        monkeypatch.setattr("apps.demo.listener.USUAL", usual)
        with listen(None) as found:
            assert found.getsockname()[1] > usual


def test_the_record_appears_whole_and_is_its_owners_only(tmp_path: Path) -> None:
    record.write(tmp_path / "demo.json", RECORD)

    assert stat.S_IMODE((tmp_path / "demo.json").stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "demo.json"]
    written = json.loads((tmp_path / "demo.json").read_text())
    assert set(written) == {"url", "user", "password", "token", "samples"}
    assert written["samples"][0]["bad_images"] == {"never_healthy": "ami-2"}


def test_the_first_screen_holds_the_way_in_and_commands_that_need_no_place() -> None:
    known = Record(
        RECORD.url, "demo", "secret", "dc_token", [sample("api-prod"), sample("api-prod", "eu-west-1"), *RECORD.samples]
    )
    text = screen.text(known, 21.4, Folders(FOLDER))

    for part in (
        known.url,
        "demo",
        "secret",
        "token     dc_token",
        "operator and viewer",
        "deployconsole push web-prod --image ami-1",
        "deployconsole push web-prod --image ami-2",  # the one that never becomes healthy
        "/api/v1/deployments/",
    ):
        assert part in text
    assert all(len(line) <= 160 for line in text.splitlines())
    assert "Logs: var/log. The same facts for scripts: var/demo.json." in text


def test_the_first_screen_tells_how_to_bake_for_a_cluster_that_can_be_baked_for() -> None:
    baked = replace(sample("api-test"), application="api", builds=["4.3.1", "4.3.0"])
    text = screen.text(replace(RECORD, samples=[*RECORD.samples, baked]), 21.4, Folders(FOLDER))
    assert "push it to api-test:" in text
    assert "deployconsole bake api 4.3.1 " in text
    assert " bake " not in screen.text(RECORD, 21.4, Folders(FOLDER))


def test_the_first_screen_of_a_demo_elsewhere_names_its_folder() -> None:
    text = screen.text(RECORD, 21.4, Folders(Path("/elsewhere")))
    assert "python -m apps.demo.processes --folder /elsewhere\n" in text
    assert "Logs: /elsewhere/log. The same facts for scripts: /elsewhere/demo.json." in text


def test_console_processes_see_the_embedded_cloud_and_no_account_of_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-this-machine")
    env = surroundings.aws(Cloud("http://127.16.0.1:1", "AKIA", "secret"))

    assert env["AWS_ENDPOINT_URL"] == "http://127.16.0.1:1"
    assert "AWS_PROFILE" not in env
    assert "AWS_SESSION_TOKEN" not in env
    assert env["AWS_EC2_METADATA_DISABLED"] == "true"


def test_secrets_are_new_at_each_start_and_debug_is_off() -> None:
    assert Secrets().password != Secrets().password
    assert Secrets().secret_key != Secrets().secret_key
    env = surroundings.console("postgres:///x", "unix:///x", Secrets())
    assert env["DEBUG"] == "0"


def test_a_wish_to_stop_that_was_lost_around_a_fork_is_found_at_the_next_look() -> None:
    code = (
        "import os, signal\nfrom apps.demo.stopping import Stopped, Wish\nwish = Wish()\nwish.listen()\n"
        "class Careless:\n    def __del__(self):\n        os.kill(os.getpid(), signal.SIGTERM)\n"
        "Careless()\nprint('lost', flush=True)\ntry:\n    wish.check()\nexcept Stopped:\n    print('found')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["lost", "found"], done.stderr
