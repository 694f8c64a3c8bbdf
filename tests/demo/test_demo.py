"""`make demo` as a stranger meets it: ready, and robust."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import httpx

from tests.demo.running import ROOT, Demo, until

PATIENCE = 60.0  # seconds for an answer: two other processes of the suite may have the machine
PROCESSES = [sys.executable, "-m", "apps.demo.processes"]


def test_the_record_says_how_to_get_in_and_is_the_owners_alone(demo: Demo) -> None:
    assert stat.S_IMODE((demo.folder / "demo.json").stat().st_mode) == 0o600
    assert set(demo.record) == {"url", "user", "password", "token", "samples"}
    headers = {"Authorization": f"Bearer {demo.record['token']}"}
    me = httpx.get(f"{demo.record['url']}/api/v1/me/", headers=headers, timeout=PATIENCE)
    assert me.status_code == 200, me.text
    assert me.json()["username"] == demo.record["user"]


def test_every_sample_answers_its_version_and_all_environments_and_regions_appear(demo: Demo) -> None:
    samples = demo.record["samples"]
    assert {(sample["environment"], sample["region"]) for sample in samples} == {
        (environment, region) for environment in ("test", "prod") for region in ("us-east-1", "eu-west-1")
    }
    assert len({sample["application"] for sample in samples}) == 3
    for sample in samples:
        answer = httpx.get(sample["load_balancer_url"], timeout=PATIENCE)
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
    assert httpx.get(f"{demo.record['url']}/healthz/", timeout=PATIENCE).status_code == 200


def test_each_role_has_a_user_with_the_same_password(demo: Demo) -> None:
    for user in ("operator", "viewer"):
        with httpx.Client(base_url=demo.record["url"], follow_redirects=True, timeout=PATIENCE) as browser:
            page = browser.get("/accounts/sign-in/").text
            token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
            form = {"csrfmiddlewaretoken": token, "username": user, "password": demo.record["password"]}
            browser.post("/accounts/sign-in/", data=form)
            assert browser.get("/api/v1/me/").json()["role"] == user


def test_images_are_as_old_as_their_builds(demo: Demo) -> None:
    images = _results(demo, "images/")
    assert len({image["created_at"][:10] for image in images}) > 5


def test_a_killed_worker_comes_back(demo: Demo) -> None:
    master = int(_processes(demo, "worker").stdout)
    assert str(master) in _processes(demo).stdout
    os.kill(master, signal.SIGKILL)
    until(lambda: (found := demo.pids("celery", "worker")) and master not in found)
    until(lambda: "worker was ended by SIGKILL" in demo.screen)


def test_a_request_to_a_killed_web_process_waits_and_is_answered(demo: Demo) -> None:
    master = min(demo.pids("gunicorn"))
    workers = demo.pids("gunicorn")
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    assert httpx.get(f"{demo.record['url']}/healthz/", timeout=PATIENCE).status_code == 200
    assert master not in demo.pids("gunicorn")


def test_redis_and_postgresql_come_back_too(demo: Demo) -> None:
    for words in (("unixsocket:",), ("postgres", "-k")):
        [server] = demo.pids(*words)
        os.kill(server, signal.SIGKILL)
        until(lambda words=words, server=server: demo.pids(*words) not in ([], [server]), 60)  # type: ignore[misc]
    until(lambda: httpx.get(f"{demo.record['url']}/healthz/ready/", timeout=PATIENCE).status_code == 200, 60)
    until(lambda: _processes(demo, "worker").returncode == 0, 60)  # one that Redis's end ended, too


def test_a_process_that_there_is_not_is_told_with_those_that_there_are(demo: Demo, tmp_path: Path) -> None:
    until(lambda: _processes(demo, "worker").returncode == 0, 60)  # an earlier test may have ended it
    unknown = _processes(demo, "wroker")
    assert unknown.returncode == 1
    assert "known are demo, web, worker" in unknown.stderr
    nothing = subprocess.run([*PROCESSES, "--folder", str(tmp_path)], cwd=ROOT, capture_output=True, check=False)
    assert nothing.returncode == 1


def _processes(demo: Demo, *names: str) -> subprocess.CompletedProcess[str]:
    command = [*PROCESSES, *names, "--folder", str(demo.folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _results(demo: Demo, path: str) -> list[dict[str, str]]:
    headers = {"Authorization": f"Bearer {demo.record['token']}"}
    answer = httpx.get(f"{demo.record['url']}/api/v1/{path}?page_size=200", headers=headers, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    results: list[dict[str, str]] = answer.json()["results"]
    return results
