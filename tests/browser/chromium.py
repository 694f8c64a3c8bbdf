"""The system's Chromium, driven by Playwright, with ears for everything that must not happen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT as AXE
from playwright.sync_api import Browser, Page, Playwright, Response, expect

from tools import system

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch(playwright: Playwright) -> Browser:
    """Starts the browser; a missing one is an error that says how to get it, never a skipped test."""
    path = system.browser()
    if path is None:
        raise RuntimeError("No Chromium is installed: run `sudo apt-get install --yes chromium fonts-dejavu-core`.")
    return playwright.chromium.launch(executable_path=path, args=list(FLAGS))


WIDE, NARROW, HEIGHT = 1280, 360, 900  # pixels
# the rules of axe whose verdict depends on colours and room; all others were asked already
SEEN = ("color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size")
# a line of each rule that is broken; all that axe tells takes as long to hand over as to find
FOUND = """async (options) => (await axe.run(options)).violations.map(
  (each) => `${each.id}: ${each.nodes.slice(0, 4).map((node) => node.target.join(" ")).join(", ")}`)"""
# menus stay closed: open, they lie over the page, and axe does not judge what it cannot see
UNFOLD = "for (const fold of document.querySelectorAll('details:not(.menu)')) fold.open = true"
# what of the page is wider than the window, and lies in nothing that scrolls by itself
WIDER = """() => [...document.querySelectorAll("main *, header *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest("[tabindex='0']"))
  .slice(0, 4).map((each) => `${each.tagName}.${each.className} ${each.textContent.trim().slice(0, 40)}`)"""
# what htmx logs of a request under way when the page is left, or when a newer one takes its place
ABANDONED = ("htmx:afterRequest", "htmx:sendAbort")


class Visitor:
    """A person at a browser. `complaints` collects console errors, uncaught exceptions and policy violations.

    `status` is that of the last document that came.
    """

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.complaints: list[str] = []
        self.status = 0
        page.on("response", self._arrive)
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))

    def _arrive(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.status = response.status

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not text.startswith(ABANDONED):
            self.complaints.append(f"{kind}: {text}")

    def open(self, path: str) -> Page:
        """Goes to a path of the console."""
        self.page.goto(self.base + path)
        return self.page

    def settle(self) -> None:
        """Waits for what is loaded beside the page."""
        self.page.wait_for_load_state()
        expect(self.page.locator(".htmx-request")).to_have_count(0, timeout=20_000)

    def sideways(self) -> int:
        """By how many pixels the page is wider than the window."""
        wider = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return max(0, int(wider))

    def barriers(self, *rules: str) -> list[str]:
        """What axe finds wrong on the page, by these of its rules, or all."""
        options: dict[str, Any] = {"resultTypes": ["violations"], "preload": {"assets": ["media"]}}
        if rules:
            options["runOnly"] = {"type": "rule", "values": rules}
        if not self.page.evaluate("Boolean(window.axe)"):
            self.page.add_init_script(AXE)  # the pages to come have it when they come, which costs half as much
            self.page.evaluate(AXE)
        return [str(each) for each in self.page.evaluate(FOUND, options)]

    def barriers_in_every_look(self) -> list[str]:
        """What is wrong with the page, unfolded, as it comes: wide and light; then narrow and dark, by what differs.

        Loading it once costs far less than once for each look.
        """
        self.settle()
        self.page.evaluate(UNFOLD)
        found = self.barriers()
        self.page.emulate_media(color_scheme="dark")
        self.page.set_viewport_size({"width": NARROW, "height": HEIGHT})
        found += [f"narrow and dark: {each}" for each in self.barriers(*SEEN)]
        if over := self.sideways():
            found.append(f"{over} px wider than a phone: {'; '.join(self.page.evaluate(WIDER))}")
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": WIDE, "height": HEIGHT})
        return found


@contextmanager
def visit(browser: Browser, base: str, cookies: list[dict[str, Any]], **context: Any) -> Iterator[Visitor]:
    """A fresh browser profile with these cookies; `context` are Playwright's options (viewport, colour scheme, ...)."""
    profile = browser.new_context(**context)
    profile.add_cookies([{**cookie, "url": base} for cookie in cookies])  # type: ignore[list-item]
    visitor = Visitor(profile.new_page(), base)
    try:
        yield visitor
    finally:
        profile.close()
