"""`make demo` as a stranger meets it: ready, robust, and gone without a trace."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.demo.running import ROOT, Demo, alive, descendants, running, until


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running(tmp_path_factory.mktemp("demo")) as started:
        yield started.await_ready()


def test_the_record_says_how_to_get_in_and_is_the_owners_alone(demo: Demo) -> None:
    assert stat.S_IMODE((demo.folder / "demo.json").stat().st_mode) == 0o600
    assert set(demo.record) == {"url", "user", "password", "token", "samples"}
    headers = {"Authorization": f"Bearer {demo.record['token']}"}
    me = httpx.get(f"{demo.record['url']}/api/v1/me/", headers=headers)
    assert me.status_code == 200, me.text
    assert me.json()["username"] == demo.record["user"]


def test_every_sample_answers_its_version_and_all_environments_and_regions_appear(demo: Demo) -> None:
    samples = demo.record["samples"]
    assert {(sample["environment"], sample["region"]) for sample in samples} == {
        (environment, region) for environment in ("test", "prod") for region in ("us-east-1", "eu-west-1")
    }
    assert len({sample["application"] for sample in samples}) == 3
    for sample in samples:
        answer = httpx.get(sample["load_balancer_url"])
        assert answer.status_code == 200
        assert answer.text.split()[0] == sample["application"]
        assert "Content-Length" in answer.headers
        assert len(sample["other_images"]) >= 2
        assert sample["bad_images"]["never_healthy"].startswith("ami-")


def test_the_console_shows_the_samples_and_leaves_another_tools_group_alone(demo: Demo) -> None:
    clusters = _results(demo, "clusters/")
    places = {(one["environment"], one["region"], one["name"]) for one in clusters}
    assert places >= {(one["environment"], one["region"], one["cluster"]) for one in demo.record["samples"]}
    groups = {one["name"]: one for one in _results(demo, "groups/")}
    assert "eks/workers/blue" in groups


def test_the_first_screen_shows_url_user_and_password(demo: Demo) -> None:
    until(lambda: "Ctrl-C" in demo.screen)
    for part in (demo.record["url"], demo.record["user"], demo.record["password"]):
        assert part in demo.screen


def test_a_second_demo_is_told_that_one_runs_and_harms_nothing(demo: Demo) -> None:
    command = [sys.executable, "-m", "apps.demo", "--folder", str(demo.folder)]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    assert second.returncode == 1
    assert f"kill {demo.process.pid}" in second.stderr
    assert httpx.get(f"{demo.record['url']}/healthz/").status_code == 200


def test_a_killed_worker_comes_back(demo: Demo) -> None:
    [*_, master] = sorted(demo.pids("celery", "worker"), reverse=True)
    os.kill(master, signal.SIGKILL)
    until(lambda: (found := demo.pids("celery", "worker")) and master not in found)
    until(lambda: "worker was ended by SIGKILL" in demo.screen)


def test_a_request_to_a_killed_web_process_waits_and_is_answered(demo: Demo) -> None:
    master = min(demo.pids("gunicorn"))
    workers = demo.pids("gunicorn")
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    assert httpx.get(f"{demo.record['url']}/healthz/", timeout=60).status_code == 200
    assert master not in demo.pids("gunicorn")


def test_redis_and_postgresql_come_back_too(demo: Demo) -> None:
    for words in (("unixsocket:",), ("postgres", "-k")):
        [server] = demo.pids(*words)
        os.kill(server, signal.SIGKILL)
        until(lambda words=words, server=server: demo.pids(*words) not in ([], [server]), 60)  # type: ignore[misc]
    until(lambda: httpx.get(f"{demo.record['url']}/healthz/ready/", timeout=30).status_code == 200, 60)


def test_killing_the_supervisor_leaves_no_process_behind(demo: Demo) -> None:
    below = descendants(demo.process.pid)
    assert len(below) > 20
    demo.process.kill()
    demo.process.wait()
    until(lambda: not alive(below), 30)


def test_after_that_a_new_demo_starts_in_the_same_folder_and_ctrl_c_ends_it(demo: Demo) -> None:
    assert (demo.folder / "demo.json").exists()  # the killed one left it
    with running(demo.folder) as again:
        until(lambda: "Starting" in again.screen)
        again.await_ready()
        below = descendants(again.process.pid)
        again.process.send_signal(signal.SIGINT)
        assert again.process.wait(30) == 0, again.screen
        assert alive(below) == {}
        assert "nothing is left running" in again.screen
        assert not (demo.folder / "demo.json").exists()


STAGES = [(signal.SIGTERM, "Building images"), (signal.SIGHUP, "Starting PostgreSQL")]


@pytest.mark.parametrize(("how", "stage"), STAGES, ids=lambda value: value if isinstance(value, str) else value.name)
def test_stopping_on_the_way_up_leaves_no_process_behind(tmp_path: Path, how: signal.Signals, stage: str) -> None:
    with running(tmp_path) as started:
        until(lambda: stage in started.screen, 60)
        below = descendants(started.process.pid)
        started.process.send_signal(how)
        assert started.process.wait(30) == 0, started.screen
        assert alive(below) == {}
        assert not (tmp_path / "demo.json").exists()


def _results(demo: Demo, path: str) -> list[dict[str, str]]:
    headers = {"Authorization": f"Bearer {demo.record['token']}"}
    answer = httpx.get(f"{demo.record['url']}/api/v1/{path}?page_size=200", headers=headers)
    assert answer.status_code == 200, answer.text
    results: list[dict[str, str]] = answer.json()["results"]
    return results
