"""`make tutorial`: goes through docs/tutorial/first-push.md in a demo of its own, and takes its pictures anew."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, expect, sync_playwright  # noqa: E402 -- importable only from the root

from tests.browser.chromium import launch  # noqa: E402
from tests.demo.running import Demo, running  # noqa: E402

PICTURES = ROOT / "docs" / "tutorial" / "img"
PUSHED_WITHIN = 120_000  # milliseconds


def main() -> None:
    """Raises an AssertionError where the demo does not go as the tutorial says."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dc-tutorial-") as folder, running(Path(folder)) as demo:
        demo.await_ready()
        with sync_playwright() as playwright:
            browser = launch(playwright)
            page = browser.new_page(viewport={"width": 1120, "height": 760}, color_scheme="light")
            walk(page, demo)
            browser.close()
    print(f"{len(list(PICTURES.glob('*.png')))} pictures in {PICTURES.relative_to(ROOT)}")


def walk(page: Page, demo: Demo) -> None:
    """Each picture is named as the tutorial names it."""
    record = demo.record
    page.goto(record["url"])
    page.get_by_label("Username").fill(record["user"])
    page.get_by_label("Password").fill(record["password"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="web-prod").first).to_be_visible()
    picture(page, "home")

    page.get_by_role("link", name="web-prod").first.click()
    expect(page.locator("#cluster-head .sentence")).to_contain_text("serves all traffic")
    picture(page, "cluster")

    page.get_by_role("link", name="Push…").click()
    page.locator("select[name=image]").select_option(record_image(record))
    page.locator("[name=reason]").fill("try a push")
    button = page.get_by_role("button", name=re.compile("^Push .* instances$"))
    expect(button).to_be_enabled(timeout=15_000)
    picture(page, "preview")

    button.click()
    expect(page.locator("#deployment-head .sentence")).to_contain_text("Step", timeout=15_000)
    page.wait_for_timeout(6_000)  # some of it is done
    picture(page, "under-way")

    expect(page.locator("#deployment-head .sentence")).to_contain_text("serves all traffic", timeout=PUSHED_WITHIN)
    page.wait_for_timeout(11_000)  # the charts are drawn anew every ten seconds
    page.reload()
    expect(page.locator("#charts svg").first).to_be_visible(timeout=15_000)
    page.locator("#charts").evaluate("charts => charts.scrollIntoView({block: 'end'})")
    picture(page, "done")

    page.get_by_role("link", name=re.compile("^Roll back to")).click()
    expect(page.get_by_role("heading", name=re.compile("^Roll back to"))).to_be_visible(timeout=15_000)
    picture(page, "roll-back")
    page.get_by_role("button", name=re.compile("^Roll back to")).click()
    expect(page.locator("#deployment-head .sentence")).to_contain_text("serves all traffic", timeout=PUSHED_WITHIN)

    page.get_by_role("link", name="What changed").first.click()
    picture(page, "what-changed")


def record_image(record: dict[str, Any]) -> str:
    """The newest good version of the sample that is pushed."""
    return str(next(each["other_images"][0] for each in record["samples"] if each["cluster"] == "web-prod"))


def picture(page: Page, name: str) -> None:
    page.wait_for_timeout(300)
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
