"""The options that every push has, whatever its strategy."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from apps.deployments.strategies.options import option


@dataclass(frozen=True)
class PushOptions:
    """How long to wait, how to watch, what to let pass; strategies add their own."""

    healthy_within_seconds: int = option(
        settings.HEALTHY_WITHIN_SECONDS,
        "Healthy within",
        "When not every new instance is healthy by then, the push undoes itself.",
        minimum=10,
        maximum=86_400,
        unit="seconds",
    )
    soak_seconds: int = option(
        0, "Soak", "How long to watch the new group before the push ends.", minimum=0, maximum=172_800, unit="seconds"
    )
    undo_when_unhealthy: bool = option(
        True, "Undo when unhealthy", "During the soak: undo when healthy capacity stays below desired."
    )
    unhealthy_for_seconds: int = option(
        180,
        "Unhealthy for",
        "How long capacity must stay below desired before the push is undone.",
        minimum=5,
        maximum=3600,
        unit="seconds",
    )
    other_application: bool = option(
        False, "Another application's image", "Push it although its tag names another application."
    )
