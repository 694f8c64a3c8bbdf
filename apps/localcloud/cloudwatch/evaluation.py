"""What state an alarm should be in, from its datapoints: the rules alone, without clock or store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
EXTRA_PERIODS = 2  # so many older periods are looked at where the newest have no data

COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (lambda value, bound: value >= bound, "greater than or equal to"),
    "GreaterThanThreshold": (lambda value, bound: value > bound, "greater than"),
    "LessThanThreshold": (lambda value, bound: value < bound, "less than"),
    "LessThanOrEqualToThreshold": (lambda value, bound: value <= bound, "less than or equal to"),
}
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


@dataclass(frozen=True)
class Rule:
    """`needed` of `periods` datapoints must breach."""

    periods: int
    needed: int
    comparison: str
    threshold: float
    missing: str  # one of TREATMENTS

    def breaches(self, value: float) -> bool:
        return COMPARISONS[self.comparison][0](value, self.threshold)


@dataclass(frozen=True)
class Verdict:
    state: str
    values: tuple[float, ...]  # the datapoints it rests on, the newest first
    filled: int  # how many of its periods had none
    reason: str


def verdict(rule: Rule, points: Sequence[float | None], before: str) -> Verdict:
    """`points` are those of the evaluation range, the newest first; None where nothing was put."""
    known = tuple(value for value in points if value is not None)[: rule.periods]
    filled = rule.periods - len(known)
    breaching = sum(rule.breaches(value) for value in known)
    state = _state(rule, breaching, len(known), filled, before)
    return Verdict(state, known, filled, _reason(rule, state, known, breaching, filled))


def _state(rule: Rule, breaching: int, known: int, filled: int, before: str) -> str:
    if rule.missing == "breaching":
        return ALARM if breaching + filled >= rule.needed else OK
    if rule.missing == "notBreaching":
        return ALARM if breaching >= rule.needed else OK
    if rule.missing == "ignore":
        if breaching >= rule.needed:
            return ALARM
        return OK if breaching + filled < rule.needed else before
    if not known:
        return INSUFFICIENT
    return ALARM if breaching >= min(rule.needed, known) else OK


def _reason(rule: Rule, state: str, values: tuple[float, ...], breaching: int, filled: int) -> str:
    if not values:
        if state == INSUFFICIENT:
            return f"Insufficient Data: {filled} datapoint{'s were' if filled > 1 else ' was'} unknown."
        return (
            f"Threshold Crossed: no datapoints were received for {filled} period{'s' if filled > 1 else ''} and"
            f" {filled} missing datapoint{'s were' if filled > 1 else ' was'} treated as"
            f" [{'Breaching' if state == ALARM else 'NonBreaching'}]."
        )
    crossed = breaching if state == ALARM else len(values) - breaching
    shown = [value for value in values if rule.breaches(value) is (state == ALARM)] or list(values)
    words = COMPARISONS[rule.comparison][1]
    return (
        f"Threshold Crossed: {crossed} out of the last {rule.periods} datapoint{'s' if rule.periods > 1 else ''}"
        f" [{', '.join(str(value) for value in shown[:5])}] {'were' if crossed > 1 else 'was'}"
        f"{'' if state == ALARM else ' not'} {words} the threshold ({rule.threshold})."
    )
