"""Moments and names within a text as HTML."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from apps.console import marking, words


def test_a_moment_in_a_sentence_becomes_a_time_that_the_browser_can_tell_in_its_zone() -> None:
    at = datetime(2025, 3, 5, 20, 30, tzinfo=UTC)
    assert marking.with_times(f"v012 is kept until {words.instant(at)} <b>.") == (
        'v012 is kept until <time datetime="2025-03-05T20:30:00+00:00" title="Wed 05 Mar 2025, 20:30:00 UTC"'
        ' data-clock="minutes">5 Mar 20:30</time> &lt;b&gt;.'
    )


@pytest.mark.parametrize(
    ("fact", "copied"),
    [
        ("ami-0c41d2f3a4b5c6d7e (4.2.0)", ["ami-0c41d2f3a4b5c6d7e"]),
        ("api-prod-v012 → api-prod-v013", ["api-prod-v012", "api-prod-v013"]),
        ("a.b--blue-2-v013", ["a.b--blue-2-v013"]),
        ("10.0.3.14", ["10.0.3.14"]),
        ("127.0.0.1:8080", ["127.0.0.1:8080"]),
        ("api-1.us-east-1.elb.amazonaws.com", ["api-1.us-east-1.elb.amazonaws.com"]),
        ("arn:aws:iam::123456789012:role/push", ["arn:aws:iam::123456789012:role/push"]),
        ("http://127.240.0.1:17480/simple/ upon 10.0.3.14", ["10.0.3.14"]),
        ("https://logs.us-east-1.amazonaws.com/ami-0c41d2f3a4b5c6d7e?group=api-prod-v012", []),
        ("4.1.9 → 4.2.0, HTTP 80, 10.0.0.0/16, TargetTracking-api-v013-AlarmHigh", []),
    ],
)
def test_ids_names_of_groups_and_addresses_in_facts_can_be_copied(fact: str, copied: list[str]) -> None:
    drawn = marking.with_copies(fact, {})
    assert re.findall('data-copy="([^"]+)"', drawn) == copied
    assert "".join(re.sub("<[^>]+>", "", drawn).split()) == "".join(fact.split())


def test_a_fact_leads_where_the_whole_of_it_or_an_id_in_it_has_an_address() -> None:
    links = {"api <4>": "/builds/7/", "api-prod-v013": "/groups/x/"}
    assert marking.with_copies("api <4>", links) == '<a href="/builds/7/">api &lt;4&gt;</a>'
    drawn = marking.with_copies("api-prod-v012 → api-prod-v013", links)
    assert re.findall('<a href="([^"]+)">([^<]+)<', drawn) == [("/groups/x/", "api-prod-v013")]
    assert "<a" not in marking.with_copies("api <4>, and more", links)
    assert marking.linked("elsewhere", links) == "elsewhere"
