"""The system's Chromium, driven by Playwright, with ears for everything that must not happen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright

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


# what htmx logs of a request under way when the page is left, or when a newer one takes its place
ABANDONED = ("htmx:afterRequest", "htmx:sendAbort")


class Visitor:
    """A person at a browser. `complaints` collects console errors, uncaught exceptions and policy violations."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.complaints: list[str] = []
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not text.startswith(ABANDONED):
            self.complaints.append(f"{kind}: {text}")

    def open(self, path: str) -> Page:
        """Goes to a path of the console."""
        self.page.goto(self.base + path)
        return self.page

    def sideways(self) -> int:
        """By how many pixels the page is wider than the window."""
        wider = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return max(0, int(wider))

    def barriers(self) -> list[str]:
        """What axe finds wrong on the page."""
        found = Axe().run(self.page).response["violations"]
        return [f"{each['id']}: {', '.join(' '.join(node['target']) for node in each['nodes'][:4])}" for each in found]


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
