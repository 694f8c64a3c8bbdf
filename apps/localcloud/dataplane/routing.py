"""Which target group a request goes to: listener rules in their order, then weights between groups."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from apps.localcloud.interfaces import Rule

Headers = list[tuple[bytes, bytes]]
Condition = Callable[[bytes, Headers], bool]


def pattern(text: str, *, case: bool = True) -> re.Pattern[bytes]:
    """An ELBv2 wildcard pattern: `*` is any run of characters (also none), `?` exactly one; it matches the whole."""
    body = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in text)
    return re.compile(body.encode() + rb"\Z", re.DOTALL | (0 if case else re.IGNORECASE))


def header(headers: Headers, name: bytes) -> bytes:
    """The first value of a header, name in lower case; empty when there is none."""
    return next((value for key, value in headers if key.lower() == name), b"")


def _paths(texts: Iterable[str]) -> Condition:
    patterns = [pattern(text) for text in texts]
    return lambda path, headers: any(one.match(path) for one in patterns)


def _hosts(texts: Iterable[str]) -> Condition:
    patterns = [pattern(text, case=False) for text in texts]

    def holds(path: bytes, headers: Headers) -> bool:
        host = header(headers, b"host").partition(b":")[0]
        return any(one.match(host) for one in patterns)

    return holds


def _header(name: str, texts: Iterable[str]) -> Condition:
    patterns = [pattern(text, case=False) for text in texts]
    wanted = name.lower().encode()

    def holds(path: bytes, headers: Headers) -> bool:
        values = [value for key, value in headers if key.lower() == wanted]
        return any(one.match(value) for one in patterns for value in values)

    return holds


class CompiledRule:
    """One listener rule, ready to be asked; `next_group` deals requests out by weight, evenly and without chance."""

    __slots__ = ("_conditions", "_credit", "_total", "_weights", "fixed")

    def __init__(self, rule: Rule) -> None:
        self.fixed = rule.fixed
        self._conditions: list[Condition] = []
        if rule.path_patterns:
            self._conditions.append(_paths(rule.path_patterns))
        if rule.host_headers:
            self._conditions.append(_hosts(rule.host_headers))
        self._conditions += [_header(name, texts) for name, texts in rule.headers]
        self._weights = [(arn, weight) for arn, weight in rule.forward if weight > 0]
        self._credit = [0] * len(self._weights)
        self._total = sum(weight for _, weight in self._weights)

    def matches(self, path: bytes, headers: Headers) -> bool:
        """Whether all conditions hold; a rule without conditions always does."""
        return all(condition(path, headers) for condition in self._conditions)

    def next_group(self) -> str:
        """The ARN of the group that is due; empty when no group has a weight above 0.

        Smooth weighted round robin: each turn every group earns its weight, the richest is chosen and pays the total.
        """
        if len(self._weights) < 2:
            return self._weights[0][0] if self._weights else ""
        credit = self._credit
        best = 0
        for index, (_, weight) in enumerate(self._weights):
            credit[index] += weight
            if credit[index] > credit[best]:
                best = index
        credit[best] -= self._total
        return self._weights[best][0]


def first_match(rules: list[CompiledRule], path: bytes, headers: Headers) -> CompiledRule | None:
    """The first rule that matches, as ELBv2 tries them."""
    for rule in rules:
        if rule.matches(path, headers):
            return rule
    return None
