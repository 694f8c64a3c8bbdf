"""One word for how an instance is, from what EC2, its group and its target groups say; and why, in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from apps.inventory.models import Instance

Word = Literal["healthy", "starting", "unhealthy", "draining", "stopped"]

_TARGETS: tuple[tuple[str, Word], ...] = (
    ("unhealthy", "unhealthy"),
    ("unavailable", "unhealthy"),
    ("initial", "starting"),
    ("draining", "draining"),
)

LEAVING: frozenset[str] = frozenset({"draining", "stopped"})  # taken away by Auto Scaling, or out of traffic already


@dataclass(frozen=True)
class Condition:
    """`reason` is empty for a healthy instance."""

    word: Word
    reason: str = ""


def condition(instance: Instance) -> Condition:
    """The worst that anybody says of the instance."""
    return _of_machine(instance) or _of_targets(instance) or Condition("healthy")


def wanted(desired: int, words: Iterable[str]) -> int:
    """How many instances of a group should be healthy, by the words of those it has: one rule, whoever tells of it.

    One too many that is on its way out is not missed; one too many that is not well is.
    """
    return max(desired, sum(word not in LEAVING for word in words))


def _of_machine(instance: Instance) -> Condition | None:
    lifecycle = instance.lifecycle_state
    if instance.state in {"stopping", "stopped", "shutting-down", "terminated"} or lifecycle.startswith("Terminat"):
        return Condition("stopped", f"Being ended ({lifecycle or instance.state}).")
    if lifecycle.startswith("Pending") or instance.state == "pending":
        return Condition("starting", "Starting.")
    if instance.health_status == "Unhealthy":
        return Condition("unhealthy", _target_words(instance, "unhealthy") or "Its group found it unhealthy.")
    if lifecycle and lifecycle != "InService":
        return Condition("stopped", f"{lifecycle}: it takes no requests.")
    return None


def _of_targets(instance: Instance) -> Condition | None:
    for state, word in _TARGETS:
        reason = _target_words(instance, state)
        if reason:
            return Condition(word, reason)
    return None


def _target_words(instance: Instance, state: str) -> str:
    """What the target groups that see it in this state say; named, so that one knows which health check failed."""
    said = []
    for arn, health in sorted(instance.target_health.items()):
        if health["state"] == state:
            words = health["description"] or health["reason"] or state
            said.append(f"{target_group_name(arn)}: {words.rstrip('.')}.")
    return " ".join(said)


def target_group_name(arn: str) -> str:
    """The name inside a target group's ARN (`...:targetgroup/name/id`)."""
    return arn.rsplit(":", 1)[-1].split("/")[1] if "targetgroup/" in arn else arn
