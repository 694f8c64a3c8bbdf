"""Which of two versions is the newer, as its package manager has it; and that nobody says so where it has no order."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from apps.images.versions import newer

RISING = {  # each newer than the one before it
    "deb": "1.0~rc1 1.0~rc2-1 1.0 1.0-1~bpo1 1.0-1 1.0-1+b1 1.0-2 1.0a 1.0+x 1.0.1 1.2 1.9 1.10 2.36-9+deb12u4"
    " 2.36-9+deb12u10 1:0.1 2:0.0-1",
    "rpm": "1.0~rc1-1 1.0-1 1.0-1.el9_1 1.0-1.el9_10 1.0-2 1.0^git1-1 1.0.a-1 1.0.1-1 1.2-1 1.10-1 1:0.5-1 2:0.1-1",
    "python": "1.0.dev1 1.0a1 1.0b2 1.0rc1 1.0 1.0+local 1.0.post1 1.2 1.10 1!0.1",
}
PAIRS = [(manager, *pair) for manager, texts in RISING.items() for pair in pairwise(texts.split())]


@pytest.mark.parametrize(("manager", "old", "new"), PAIRS)
def test_versions_are_ordered_as_their_manager_orders_them(manager: str, old: str, new: str) -> None:
    assert newer(manager, old, new) is True
    assert newer(manager, new, old) is False


@pytest.mark.parametrize(
    ("manager", "one", "other"),
    [
        ("npm", "1.0.0", "2.0.0"),  # an order that is not known here
        ("", "1", "2"),
        ("python", "1.0", "1.0.0"),  # the same, written in two ways
        ("deb", "1.0", "0:1.0-0"),
        ("rpm", "(none):1.0-1", "0:1.0-1"),
        ("rpm", "1.0.1-1", "1_0_1-1"),
        ("python", "1.0", "cherry-picked"),  # no version
        ("deb", "1.0 beta", "1.0"),
        ("rpm", "", "1.0-1"),
        ("deb", "1.0", "1." + "0" * 5000 + "1"),
    ],
)
def test_where_nobody_knows_it_nobody_says_so(manager: str, one: str, other: str) -> None:
    assert newer(manager, one, other) is None
    assert newer(manager, other, one) is None


@pytest.mark.parametrize("manager", ["deb", "rpm", "python"])
@settings(deadline=None)
@given(one=some.text("0123456789.~^:-+abz \n٣", max_size=12), other=some.text("0123456789.~^:-+abz", max_size=12))
def test_whatever_the_texts_one_way_is_the_opposite_of_the_other(manager: str, one: str, other: str) -> None:
    told = (newer(manager, one, other), newer(manager, other, one))
    assert told in {(True, False), (False, True), (None, None)}
