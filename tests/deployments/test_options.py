"""Options describe themselves: what is wrong with one is told by its name."""

from __future__ import annotations

from typing import Any

import pytest

from apps.deployments import strategies
from apps.deployments.errors import Invalid
from apps.deployments.strategies.red_black import Options, check
from apps.workflows.options import parse


def test_left_out_options_have_their_defaults() -> None:
    assert parse(Options, {}) == Options()
    assert parse(Options, {"soak_seconds": 60}).soak_seconds == 60


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("margin_percent", "ten", "'ten' is not a number."),
        ("margin_percent", True, "True is not a number."),
        ("margin_percent", 101, "101 is too large: at most 100 %."),
        ("margin_percent", -1, "-1 is too small: at least 0 %."),
        ("margin_percent", float("nan"), "nan is not a number."),
        ("soak_seconds", 1.5, "1.5 is not an integer."),
        ("soak_seconds", None, "This option may not be null; leave it out for its default."),
        ("undo_when_unhealthy", 1, "1 is not a boolean."),
        ("old_group", "burn", "'burn' is none of until-next-push, hours, delete-after-soak, delete-at-once."),
        ("old_group", ["hours"], "['hours'] is none of until-next-push, hours, delete-after-soak, delete-at-once."),
        ("min_size", "4", "'4' is not an integer."),
    ],
)
def test_a_wrong_value_is_told_with_its_option(name: str, value: Any, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(Options, {name: value})
    assert refused.value.errors == {f"options.{name}": [says]}


def test_an_unknown_option_is_refused_and_the_known_ones_named() -> None:
    with pytest.raises(Invalid) as refused:
        parse(Options, {"speed": 11})
    assert "margin_percent" in refused.value.errors["options.speed"][0]


def test_min_above_max_is_told_beside_min() -> None:
    assert check(Options(min_size=5, max_size=4)) == {"options.min_size": "Min size 5 is above max size 4."}
    assert check(Options(min_size=4, max_size=4)) == {}


def test_the_schema_names_every_option_with_its_limits() -> None:
    schema = strategies.json_schema("red-black")
    assert set(schema["properties"]) == set(Options.__dataclass_fields__)
    assert schema["properties"]["margin_percent"]["maximum"] == 100
    assert schema["properties"]["min_size"]["nullable"] is True
    assert "hours" in schema["properties"]["old_group"]["enum"]
