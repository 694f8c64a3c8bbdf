"""A push and its rollback, by each way in, under 200 requests a second from outside: not one of them fails."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.acceptance.console import Console, Sample
from tests.load import LoadClient

RATE = 200

Act = Callable[[Console, Sample, Browser], None]


def by_curl(console: Console, sample: Sample, _browser: Browser) -> None:
    pushed = curl(console, "deployments/", {**sample.place, "image": sample.image, "reason": "by curl"})
    assert console.ended(pushed["id"])["state"] == "succeeded"
    back = curl(console, f"deployments/{pushed['id']}/rollback/", {"reason": "by curl"})
    assert back["kind"] == "rollback"
    assert console.ended(back["id"])["state"] == "succeeded"


def curl(console: Console, path: str, body: dict[str, object]) -> dict[str, object]:
    """What curl answers, as JSON."""
    command = ["curl", "--silent", "--show-error", "--fail-with-body", "--max-time", "20"]
    command += ["-H", f"Authorization: Bearer {console.token}", "-H", "Content-Type: application/json"]
    command += ["-d", json.dumps(body), f"{console.url}/api/v1/{path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def by_command_line(console: Console, sample: Sample, _browser: Browser) -> None:
    place = ["--env", sample.environment, "--region", sample.region]
    pushed = console.run("push", sample.cluster, "--image", sample.image, *place, "--reason", "by hand", "--watch")
    assert pushed.returncode == 0, pushed.stdout + pushed.stderr
    assert "serves all traffic" in pushed.stdout
    back = console.run("rollback", sample.cluster, *place, "--watch")
    assert back.returncode == 0, back.stdout + back.stderr
    history = json.loads(console.run("history", sample.cluster, *place, "--json").stdout)
    assert [(each["kind"], each["state"]) for each in history[:2]] == [("rollback", "succeeded"), ("push", "succeeded")]


def by_browser(console: Console, sample: Sample, browser: Browser) -> None:
    page = browser.new_page()
    try:
        sign_in(console, page)
        push_in(console, page, sample)
        roll_back_in(console, page, sample)
    finally:
        page.close()


def sign_in(console: Console, page: Page) -> None:
    page.goto(console.url)
    page.get_by_label("Username").fill(console.demo.record["user"])
    page.get_by_label("Password").fill(console.demo.record["password"])
    page.get_by_role("button", name="Sign in").click()


def push_in(console: Console, page: Page, sample: Sample) -> None:
    page.goto(f"{console.url}/{sample.path}")
    page.get_by_role("link", name=re.compile("^Push")).click()
    page.locator("select[name=image]").select_option(sample.image)
    page.get_by_label("Reason").fill("by browser")
    confirm = page.get_by_label("to confirm")  # asked for where production traffic is at stake
    if confirm.count():
        confirm.fill(sample.cluster)
    page.get_by_role("button", name=re.compile(f"Push {re.escape(sample.version)} to {sample.cluster}")).click()
    page.wait_for_url(re.compile(r"/deployments/\d+/"))
    page.get_by_text("serves all traffic").first.wait_for(timeout=60_000)  # shown without reloading


def roll_back_in(console: Console, page: Page, sample: Sample) -> None:
    page.goto(f"{console.url}/{sample.path}")
    page.get_by_role("link", name=re.compile("^Roll back to")).first.click()
    page.get_by_role("button", name=re.compile("^Roll")).click()
    page.wait_for_url(re.compile(r"/deployments/\d+/$"))
    page.get_by_text("serves all traffic").first.wait_for(timeout=60_000)


@pytest.mark.parametrize("act", [by_curl, by_command_line, by_browser])
def test_a_push_and_a_rollback_fail_no_request_and_the_versions_flip_in_order(
    act: Act, console: Console, sample: Sample, browser: Browser
) -> None:
    client = LoadClient(sample.url, rate=RATE)
    client.start()
    try:
        act(console, sample, browser)
    finally:
        result = client.stop()
    assert not result.failures, result.failures[:5]
    assert result.rate >= RATE * 0.95
    served = [body for _, body in result.transitions]
    old, new = f"{sample.application} {sample.serving}", f"{sample.application} {sample.version}"
    assert served[0] == served[-1] == old
    assert set(served) == {old, new}
