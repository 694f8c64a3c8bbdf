"""However the demo ends, no process is left, and the next one starts; what ended in order is gone on from."""

import signal
from typing import Any

import httpx

from tests.demo.running import Demo, running, until
from tests.processes import alive, below


def test_killing_the_supervisor_leaves_no_process_behind(demo: Demo) -> None:
    started = below(demo.process.pid)
    assert len(started) > 20
    demo.process.kill()
    demo.process.wait()
    until(lambda: not alive(started), 90, lambda: alive(started))  # a worker ends the look that it is at first


def test_after_that_a_new_demo_starts_in_its_folder_and_what_ctrl_c_ends_is_gone_on_from(demo: Demo) -> None:
    assert (demo.folder / "demo.json").exists()  # the killed one left it
    with running(demo.folder) as again:
        until(lambda: "Starting PostgreSQL" in again.screen)
        first = again.await_ready().record
        ask(first, "PATCH", "applications/web/", {"owner": "Team Window"})
        started = below(again.process.pid)
        again.process.send_signal(signal.SIGINT)
        assert again.process.wait(30) == 0, again.screen
        assert alive(started) == {}
        assert "nothing is left running" in again.screen
        assert not (demo.folder / "demo.json").exists()
    with running(demo.folder) as two:
        until(lambda: "Going on where the last demo stopped" in two.screen)
        record = two.await_ready().record
        assert {**record, "url": ""} == {**first, "url": ""}
        assert ask(record, "GET", "applications/web/")["owner"] == "Team Window"
        for sample in record["samples"]:
            assert httpx.get(sample["load_balancer_url"], timeout=60).status_code == 200

        def sentence() -> str:
            return str(ask(record, "POST", f"clusters/{plain(record)}/refresh/")["sentence"])

        # while no target is healthy yet, a load balancer sends requests to all: it answers before they count as healthy
        until(lambda: "serves all traffic" in sentence(), 20, sentence)
        two.process.kill()
        two.process.wait()
    with running(demo.folder) as three:  # what was killed is not
        until(lambda: "Starting PostgreSQL" in three.screen, 60)


def ask(record: dict[str, Any], method: str, path: str, body: object = None) -> Any:
    headers = {"Authorization": f"Bearer {record['token']}"}
    answer = httpx.request(method, f"{record['url']}/api/v1/{path}", headers=headers, json=body, timeout=60)
    assert answer.is_success, answer.text
    return answer.json()


def plain(record: dict[str, Any]) -> str:
    """Where the first sample is."""
    return "{environment}/{region}/{cluster}".format(**record["samples"][0])
