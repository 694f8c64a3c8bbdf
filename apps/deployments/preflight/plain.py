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


def plain_check(function: PlainCheck) -> PlainCheck:
    """Decorator: from now on the function is asked of every push: of the situation and its one serving group."""
    _checks.append(function)
    return function


def push_findings(situation: Situation, *, other_application: bool = False) -> tuple[Finding, ...]:
    """Everything in the situation that speaks against, or should be known before, a push."""
    serving = situation.serving_group
    if serving is None:
        return tuple(_nobody_serves(situation))
    asked = Asked(other_application)
    return tuple(finding for check in _checks for finding in check(situation, serving, asked))


def _nobody_serves(situation: Situation) -> Iterator[Finding]:
    if not situation.groups:
        yield Finding(
            "refuse", "no-groups", f"{situation.cluster} has no groups. Create its first group on AWS, then push."
        )
    elif not situation.serving:
        names = ", ".join(group.name for group in situation.groups)
        text = f"None of {names} serves: no healthy instance in a target group that a listener forwards to. "
        text += "See their health on the cluster's page, and make one serve first."
        yield Finding("refuse", "nobody-serves", text)
    else:
        names = " and ".join(situation.serving)
        text = f"{names} serve at the same time; a push needs exactly one. Take traffic from the others first."
        yield Finding("refuse", "several-serve", text)
