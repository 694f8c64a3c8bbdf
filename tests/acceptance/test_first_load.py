"""The first page that somebody opens, at night and on a phone: small over the wire, as gunicorn serves it."""

from __future__ import annotations

import httpx
from playwright.sync_api import Browser, Request

from tests.browser.chromium import visit
from tests.demo.running import Demo

MOST = 100_000  # bytes, heads of answers included
PATIENCE = 60.0  # seconds


def test_a_first_cluster_page_takes_less_than_100_kb_with_all_that_it_loads(demo: Demo, browser: Browser) -> None:
    sample, url = demo.record["samples"][0], demo.record["url"]
    came: list[Request] = []
    with visit(browser, url, [session(demo)]) as person:
        person.page.on("requestfinished", lambda request: came.append(request))
        person.open(f"/clusters/{sample['environment']}/{sample['region']}/{sample['cluster']}/")
        person.page.wait_for_load_state("networkidle")
        kinds = {request.resource_type for request in came}
        assert kinds >= {"document", "stylesheet", "script"}
        sizes = {request.url.removeprefix(url): size_of(request) for request in came}
    assert sum(sizes.values()) < MOST, sizes


def size_of(request: Request) -> int:
    """Bytes of the answer as they came."""
    sizes = request.sizes()
    return sizes["responseHeadersSize"] + sizes["responseBodySize"]


def session(demo: Demo) -> dict[str, str]:
    """The cookie of a viewer who has signed in, without anything in the browser's cache."""
    with httpx.Client(base_url=demo.record["url"], timeout=PATIENCE) as client:
        page = client.get("/accounts/sign-in/").text
        token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        client.post(
            "/accounts/sign-in/",
            data={"csrfmiddlewaretoken": token, "username": "viewer", "password": demo.record["password"]},
        )
        return {"name": "sessionid", "value": client.cookies["sessionid"]}
