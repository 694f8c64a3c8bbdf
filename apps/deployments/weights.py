"""What rules forward to, and by what weights: how a part of the traffic of one target group goes to another. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping

from apps.cloud.values import RuleState

Weights = dict[str, int]  # target group ARN to weight, in the order of the rule
Pairs = Mapping[str, str]  # a target group of the group that gives, to the one that stands for it at the one that takes

HEAVIEST = 999  # the most AWS takes as a weight
MOST_TARGET_GROUPS = 5  # that one forward action may have


def weights_of(rule: RuleState) -> Weights:
    """What the rule forwards to now."""
    return {forward.target_group: forward.weight for forward in rule.forwards}


def reached(rules: Iterable[RuleState], target_groups: Collection[str]) -> tuple[RuleState, ...]:
    """The rules that send requests to one of these target groups: with a weight above 0."""
    return tuple(rule for rule in rules if any(f.weight > 0 and f.target_group in target_groups for f in rule.forwards))


def entered(rule: RuleState, pairs: Pairs) -> Weights:
    """With the other half of each pair that the rule forwards to, at weight 0 where it is new."""
    now = weights_of(rule)
    return now | {new: 0 for old, new in pairs.items() if old in now and new not in now}


def part(load: int, percent: float) -> int:
    """How many instances carry `percent` of a load of so many."""
    return math.ceil(load * percent / 100)


def without(rule: RuleState, target_groups: Collection[str]) -> Weights:
    """The rule's weights without these target groups."""
    return {arn: weight for arn, weight in weights_of(rule).items() if arn not in target_groups}


def as_before(rule: RuleState, pairs: Pairs, before: Mapping[str, int]) -> Weights:
    """With the weights that both halves of each pair had before; all others of the rule keep theirs."""
    ours = {*pairs, *pairs.values()}
    return {arn: before.get(arn, weight) if arn in ours else weight for arn, weight in weights_of(rule).items()}


def shared(rule: RuleState, pairs: Pairs, percent: float, original: Mapping[str, int] | None = None) -> Weights:
    """With `percent` of what both halves of each pair have together at the second half, and the rest at the first.

    All others of the rule keep their share of it. Weights are whole numbers, so all of them may have to grow by one
    factor for a part to be exact; at 0 and 100 they are brought back to the size of `original`, those before the first
    change.
    """
    now = weights_of(rule)
    sums = {pair: now.get(pair[0], 0) + now.get(pair[1], 0) for pair in pairs.items()}
    sums = {pair: both for pair, both in sums.items() if both}
    if not sums:
        return now
    if 0 < percent < 100:
        factor = _factor(sums.values(), max(now.values()), percent)
        return _grown(now, factor) | _halves(sums, factor, percent)
    parts = now | _halves(sums, 1, percent)
    return _shrunk(parts, sums, original or {})


def _halves(sums: Mapping[tuple[str, str], int], factor: int, percent: float) -> Weights:
    found: Weights = {}
    for (old, new), both in sums.items():
        taken = round(both * factor * percent / 100)
        if 0 < percent < 100 and both * factor > 1:  # a part is never nothing, nor all
            taken = min(max(taken, 1), both * factor - 1)
        found |= {old: both * factor - taken, new: taken}
    return found


def _grown(weights: Weights, factor: int) -> Weights:
    return {arn: weight * factor for arn, weight in weights.items()}


def _factor(sums: Collection[int], heaviest: int, percent: float) -> int:
    """The smallest factor that makes every part a whole number; the largest AWS takes where none does."""
    most = max(HEAVIEST // max(heaviest, *sums), 1)
    whole = (factor for factor in range(1, most + 1) if all(_whole(both * factor * percent / 100) for both in sums))
    return next(whole, most)


def _whole(number: float) -> bool:
    return abs(number - round(number)) < 1e-9


def _shrunk(weights: Weights, sums: Mapping[tuple[str, str], int], original: Mapping[str, int]) -> Weights:
    factors = set(_factors(sums, original))
    factor = factors.pop() if len(factors) == 1 else 1
    if factor > 1 and all(weight % factor == 0 for weight in weights.values()):
        return {arn: weight // factor for arn, weight in weights.items()}
    return weights


def _factors(sums: Mapping[tuple[str, str], int], original: Mapping[str, int]) -> Iterator[int]:
    for (old, new), both in sums.items():
        before = original.get(old, 0) + original.get(new, 0)
        yield both // before if before and both % before == 0 else 1
