"""Asking one check of a plan, without a cloud: what it would read is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apps.cloud.values import Target
from apps.deployments.errors import Finding
from apps.deployments.preflight import base
from apps.deployments.preflight.base import Fewest, Looked
from apps.deployments.preflight.readings import Readings
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation
from apps.deployments.strategies.red_black import Options
from apps.deployments.strategies.red_black import plan as red_black
from tests.deployments.situations import situation

TARGET = Target("123456789012", "us-east-1", "arn:aws:iam::123456789012:role/console")


def looked(
    of: Situation | None = None, options: Any = None, plan: Callable[[Situation, Any], Preview] = red_black, **read: Any
) -> Looked:
    """A red/black plan as checks see it; `read` are answers by the name under which a check asks for them."""
    of = of or situation()
    preview = plan(of, options or Options())
    serving, template = of.serving_group, of.template
    assert serving is not None
    assert template is not None
    return Looked(TARGET, of, preview, serving, template, Fewest(1, 1), _given(read))


def ask(slug: str, look: Looked) -> dict[str, Finding]:
    """What the check of that name found, by code."""
    judge = next(check.judge for check in base.known() if check.slug == slug)
    return {finding.code: finding for finding in judge(look)}


def _given(answers: Mapping[str, Any]) -> Readings:
    readings = Readings()
    for name, answer in answers.items():
        readings.once(name, lambda answer=answer: answer)  # type: ignore[misc]  # a default of a lambda has no type
    return readings
