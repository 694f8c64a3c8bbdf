"""What state datapoints put an alarm in, as CloudWatch's user guide tabulates it for missing data."""

import pytest

from apps.localcloud.cloudwatch.evaluation import Rule, verdict

_STATES = {"A": "ALARM", "O": "OK", "I": "INSUFFICIENT_DATA", "?": "as before"}
_WAYS = ("missing", "ignore", "breaching", "notBreaching")


def _state(points: str, needed: int, missing: str) -> str:
    """`points` oldest first: X breaches, 0 does not, - is missing."""
    rule = Rule(3, needed, "GreaterThanThreshold", 10.0, missing)
    values = [{"X": 11.0, "0": 1.0, "-": None}[one] for one in reversed(points)]
    return verdict(rule, values, "as before").state


@pytest.mark.parametrize(
    ("points", "needed", "states"),
    [
        ("0-X-X", 3, "OOOO"),
        ("----0", 3, "OOOO"),
        ("-----", 3, "I?AO"),
        ("0XX-X", 3, "AAAA"),
        ("--X--", 3, "A?AO"),
        ("0-X-X", 2, "AAAA"),
        ("00X0X", 2, "AAAA"),
        ("0-X--", 2, "O?AO"),
        ("----0", 2, "O?AO"),
        ("----X", 2, "A?AO"),
    ],
)
def test_missing_data_is_treated_as_asked(points: str, needed: int, states: str) -> None:
    found = [_state(points, needed, way) for way in _WAYS]
    assert found == [_STATES[one] for one in states]


@pytest.mark.parametrize(
    ("comparison", "at", "above"),
    [
        ("GreaterThanThreshold", "OK", "ALARM"),
        ("GreaterThanOrEqualToThreshold", "ALARM", "ALARM"),
        ("LessThanThreshold", "OK", "OK"),
        ("LessThanOrEqualToThreshold", "ALARM", "OK"),
    ],
)
def test_comparisons_differ_at_the_threshold_itself(comparison: str, at: str, above: str) -> None:
    rule = Rule(1, 1, comparison, 10.0, "missing")
    assert [verdict(rule, [value], "OK").state for value in (10.0, 11.0)] == [at, above]


def test_the_reason_tells_the_datapoints_and_the_threshold() -> None:
    rule = Rule(3, 2, "GreaterThanThreshold", 10.0, "missing")
    assert verdict(rule, [12.0, 1.0, 11.0, None, None], "OK").reason == (
        "Threshold Crossed: 2 out of the last 3 datapoints [12.0, 11.0] were greater than the threshold (10.0)."
    )
    assert verdict(rule, [None] * 5, "OK").reason == "Insufficient Data: 3 datapoints were unknown."
