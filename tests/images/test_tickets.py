"""Ticket patterns: what they find, and which are refused before they could hold up a page."""

from __future__ import annotations

import pytest

from apps.images.commits import tickets
from apps.images.commits.tickets import Finder, address_of, wrong_address, wrong_pattern

GOOD = [
    "",
    "[A-Z]+-[0-9]+",
    "#[0-9]+",
    r"\b(?:SHOP|PAY)-\d{1,6}",
    "(SHOP|PAY)-[0-9]+",
    r"[A-Z][A-Z0-9]+-\d+",
    "[)(*+]x",
]
BAD = {
    "[A-Z": "no regular expression",
    "(a+)+x": "may not repeat a group",
    "(?:a|a)*x": "may not repeat a group",
    "(a){9,}": "may not repeat a group",
    "a*b*c*d*e": "repetitions",
    "a{1,9}b{1,9}c{1,9}d{1,9}": "repetitions",
    r"(x)\1": "refer back",
    "(?=a)b": "look around",
    "(?P<n>a)": "look around",
    "x" * 101: "at most 100 characters",
    "[0-9]*": "no ticket",
    ".": "no ticket",
    "Bug [0-9]": "no space",
    "a{99999999999}": "no regular expression",
}


@pytest.mark.parametrize("pattern", GOOD)
def test_a_pattern_of_usual_shape_is_good(pattern: str) -> None:
    assert wrong_pattern(pattern) == ""


@pytest.mark.parametrize(("pattern", "why"), BAD.items())
def test_a_pattern_that_could_take_for_ever_or_finds_nothing_is_refused_with_the_reason(pattern: str, why: str) -> None:
    assert why in wrong_pattern(pattern)
    assert Finder(pattern).tickets("SHOP-1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") == ()


def test_each_ticket_is_found_once_in_its_order_within_what_is_looked_at() -> None:
    finder = Finder("[A-Z]+-[0-9]+")
    assert finder.tickets("PAY-2, (SHOP-1): PAY-2\nand SHOP-3.") == ("PAY-2", "SHOP-1", "SHOP-3")
    assert finder.tickets(f"{'x' * 64}SHOP-1 {'y ' * 2000}SHOP-2") == ()
    assert not finder.late


def test_a_pattern_that_takes_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "LONGEST_LOOK", 0.0)
    finder = Finder("[A-Z]+-[0-9]+")
    assert finder.tickets("SHOP-1") == ()
    assert finder.late


def test_a_ticket_has_an_address_of_the_web_or_none() -> None:
    assert address_of("#1/2", "https://t.example.com/{ticket}") == "https://t.example.com/%231%2F2"
    assert address_of("A-1", "") == ""
    assert address_of("A-1", "javascript:alert('{ticket}')") == ""
    assert wrong_address("https://t.example.com/") != ""
