"""What browsers load goes compressed, its tags stay of use, and secrets do not show in lengths."""

from __future__ import annotations

import gzip

from django.test import Client

from tests.console import world

SENT = {"accept-encoding": "gzip, deflate, br"}  # as browsers say it


def test_a_page_is_compressed_for_whom_can_read_it(operator: Client) -> None:
    path = world.settled().page
    plain, small = operator.get(path), operator.get(path, headers=SENT)
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["Vary"]
    assert len(small.content) < len(plain.content) / 3
    assert b"</html>" in gzip.decompress(small.content)


def test_a_live_part_has_the_same_tag_compressed_or_not(operator: Client) -> None:
    path = f"{world.settled().page}live/"
    plain, small = operator.get(path), operator.get(path, headers=SENT)
    assert small.headers["Content-Encoding"] == "gzip"
    assert small.headers["ETag"] == plain.headers["ETag"]
    assert operator.get(path, headers={**SENT, "if-none-match": small.headers["ETag"]}).status_code == 304


def test_a_script_served_from_where_it_lies_is_compressed_and_not_sent_twice(stranger: Client) -> None:
    path = "/static/django_htmx/htmx-2.min.js"
    plain, small = stranger.get(path), stranger.get(path, headers=SENT)
    whole, packed = b"".join(plain), b"".join(small)  # type: ignore[arg-type]  # they stream
    assert gzip.decompress(packed) == whole
    assert len(packed) < len(whole) / 2
    assert "ETag" not in small.headers  # it would name other bytes, and WhiteNoise does not know weak ones
    again = stranger.get(path, headers={**SENT, "if-modified-since": small.headers["Last-Modified"]})
    assert (again.status_code, b"".join(again)) == (304, b"")  # type: ignore[arg-type]
    part = stranger.get(path, headers={**SENT, "range": "bytes=0-99"})
    assert (part.status_code, b"".join(part)) == (206, whole[:100])  # type: ignore[arg-type]


def test_what_may_not_be_stored_is_as_long_as_it_is(operator: Client) -> None:
    answer = operator.post("/tokens/", {"name": "ci"}, headers=SENT)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Content-Encoding" not in answer.headers


def test_answers_of_the_api_keep_the_tag_that_a_patch_compares(operator: Client) -> None:
    world.settled()
    answer = operator.get("/api/v1/applications/api/", headers=SENT)
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["ETag"].startswith('"')
