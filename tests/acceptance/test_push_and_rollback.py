"""A push and its rollback, by each way in, under 200 requests a second from outside: not one of them fails."""

from __future__ import annotations

import json
import re
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.acceptance.console import Console, Sample
from tests.load import LoadClient

RATE = 200
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "api.md").read_text()
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)

Act = Callable[[Console, Sample, Browser], None]


def by_curl(console: Console, sample: Sample, _browser: Browser) -> None:
    """Line by line as the reference page says, of this cluster and its AMI."""
    start, *rest = SHELL.findall(PAGE)
    *before, follow, back = (in_place_of(block, sample) for block in rest)
    begin = start.replace("http://127.0.0.1:8000", console.url).replace("dc_...", console.token)
    *_, dry, pushed = shell(begin, *before)
    assert dry["steps"]
    assert console.ended(pushed["id"])["state"] == "succeeded"
    told, undone = shell(begin, *(block.replace("87", str(pushed["id"])) for block in (follow, back)))
    assert (told["id"], undone["kind"]) == (pushed["id"], "rollback")
    assert console.ended(undone["id"])["state"] == "succeeded"


def in_place_of(block: str, sample: Sample) -> str:
    """The page's own cluster, AMI and key replaced by those of this test."""
    for said, meant in {
        "prod/us-east-1/web-prod": f"{sample.environment}/{sample.region}/{sample.cluster}",
        '"prod", "region": "us-east-1"': f'"{sample.environment}", "region": "{sample.region}"',
        '"cluster": "web-prod"': f'"cluster": "{sample.cluster}"',
        "application=web&environment=prod": f"application={sample.application}&environment={sample.environment}",
        "application=web": f"application={sample.application}",
        "ami-0123456789abcdef0": sample.image,
        "fix-login-1": uuid.uuid4().hex,
    }.items():
        block = block.replace(said, meant)
    return block


def shell(*blocks: str) -> list[dict[str, Any]]:
    """What the lines print: one answer in JSON each. The shell stops at the first that is refused."""
    script = "\n".join(["set -eo pipefail", *blocks])
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


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
