"""Times and numbers as a person would say them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from apps.console import words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.42, "0.4 s"),
        (3.0, "3 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86_400, "1 day"),
        (273_600, "3 days 4 h"),
        (-5, "0 s"),
    ],
)
def test_a_duration_has_at_most_two_units(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.5, "just now"), (12, "12 s ago"), (119, "1 min ago"), (7200, "2 h ago"), (200_000, "2 days ago")],
)
def test_how_long_ago_is_said_in_one_unit(seconds: float, text: str) -> None:
    assert words.ago(seconds) == text


def test_what_is_yet_to_come_is_said_so() -> None:
    assert words.ago(-300) == "in 5 min"


def test_the_day_is_said_where_it_is_another_one() -> None:
    now = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    assert words.clock(datetime(2026, 11, 20, 18, 5, tzinfo=UTC), now) == "18:05"
    assert words.clock(datetime(2026, 11, 21, 18, 5, tzinfo=UTC), now) == "21 Nov 18:05"


@pytest.mark.parametrize(("value", "text"), [(True, "yes"), (False, "no"), (10.0, "10"), (0.25, "0.25"), ("x", "x")])
def test_chosen_values_are_plain(value: object, text: str) -> None:
    assert words.plain(value) == text
