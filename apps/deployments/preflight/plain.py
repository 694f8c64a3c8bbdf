"""The checks that read nothing: they judge the situation a plan is made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from apps.cloud.values import GroupState
from apps.deployments.errors import Finding
from apps.deployments.situation import Situation


@dataclass(frozen=True)
class Asked:
    """What is wanted although pre-flight would speak against it."""

    other_application: bool = False  # an image whose tag names another application


PlainCheck = Callable[[Situation, GroupState, Asked], Iterator[Finding]]

_checks: list[PlainCheck] = []
_of_first: list[PlainCheck] = []


def plain_check(function: PlainCheck) -> PlainCheck:
    """Decorator: from now on the function is asked of every push: of the situation and its one serving group."""
    _checks.append(function)
    return function


def of_first(function: PlainCheck) -> PlainCheck:
    """Decorator: it is asked of a cluster's first group, too; what serves is supposed then, and has no instances."""
    _of_first.append(function)
    return function


def first_findings(situation: Situation, *, other_application: bool = False) -> tuple[Finding, ...]:
    """What in the situation speaks against the first group of a cluster, or should be known before."""
    serving = situation.serving_group
    asked = Asked(other_application)
    return tuple(finding for check in _of_first for finding in check(situation, serving, asked)) if serving else ()


def push_findings(situation: Situation, *, other_application: bool = False) -> tuple[Finding, ...]:
    """Everything in the situation that speaks against, or should be known before, a push."""
    serving = situation.serving_group
    if serving is None:
        return tuple(_nobody_serves(situation))
    asked = Asked(other_application)
    return tuple(finding for check in _checks for finding in check(situation, serving, asked))


def _nobody_serves(situation: Situation) -> Iterator[Finding]:
    if not situation.groups:
        text = f"{situation.cluster} has no groups. Scaffold its first group, or create one on AWS, then push."
        yield Finding("refuse", "no-groups", text)
    elif not situation.serving:
        names = ", ".join(group.name for group in situation.groups)
        text = f"None of {names} serves: no healthy instance in a target group that a listener forwards to. "
        text += "See their health on the cluster's page, and make one serve first."
        yield Finding("refuse", "nobody-serves", text)
    else:
        names = " and ".join(situation.serving)
        text = f"{names} serve at the same time; a push needs exactly one. Take traffic from the others first."
        yield Finding("refuse", "several-serve", text)
