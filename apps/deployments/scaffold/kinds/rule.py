"""A rule of a listener that others share: what comes for a host or a path goes to the target group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apps.cloud.aws import elbv2, elbv2_changes, elbv2_making
from apps.cloud.errors import AlreadyExists, Invalid
from apps.cloud.tags import RUN_TAG
from apps.cloud.values import RuleState, Target
from apps.deployments.scaffold.kinds.base import CLUSTER_TAG, ENVIRONMENT_TAG, At, Kind, Seen, register

LAST_PRIORITY = 50_000
TAKEN = "PriorityInUse"  # as AWS says that a priority has a rule


@register
class Rule(Kind):
    """Settings: `listener` (an ARN), `target_group` (a key), `hosts`, `paths`, `priority`, `owner` (tags).

    A `priority` of None is chosen when it is made, behind all others: two that are planned at once get one each.
    """

    noun, words = "rule", "listener rule"
    reading = (
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTags",
    )
    making = ("elasticloadbalancing:CreateRule", "elasticloadbalancing:AddTags")
    removing = ("elasticloadbalancing:DeleteRule",)

    def look(self, at: At) -> Seen | None:
        """The one with our tags, whatever its conditions; else one of the same conditions, or of the same priority."""
        rules = rules_of(at.target, at.settings["listener"])
        tags = elbv2_changes.tags_of(at.target, [each.arn for each in rules]) if rules else {}
        wanted = conditions(at.settings["hosts"], at.settings["paths"])
        found = next((each for each in rules if self._is_owned(at, tags.get(each.arn, {}))), None)
        found = found or next((each for each in rules if set(each.conditions) == set(wanted)), None)
        asked = str(at.settings["priority"])  # no rule has the priority None
        found = found or next((each for each in rules if each.priority == asked), None)
        if found is None:
            return None
        forwards = [each.target_group for each in found.forwards]
        ours = at.id_of("target_group")
        to = ours if ours in forwards else next(iter(forwards), "")
        settings = {"conditions": sorted(found.conditions), "priority": int(found.priority), "target_group": to}
        return Seen(found.arn, tags.get(found.arn, {}), settings)

    def _is_owned(self, at: At, tags: Mapping[str, str]) -> bool:
        owner = at.settings["owner"]
        return RUN_TAG in tags and all(tags.get(tag) == owner[tag] for tag in (CLUSTER_TAG, ENVIRONMENT_TAG))

    def make(self, at: At, labels: Mapping[str, str]) -> None:
        asked = at.settings["priority"]
        try:
            elbv2_making.create_rule(
                at.target,
                at.settings["listener"],
                priority=asked or _behind_all(rules_of(at.target, at.settings["listener"])),
                hosts=at.settings["hosts"],
                paths=at.settings["paths"],
                target_group=at.id_of("target_group"),
                labels=labels,
            )
        except Invalid as error:
            if asked or error.code != TAKEN:
                raise
            raise AlreadyExists(str(error), operation=error.operation, code=error.code) from error  # it is tried again

    def remove(self, at: At, seen: Seen) -> None:
        elbv2_making.delete_rule(at.target, seen.id)

    def in_words(self, at: At) -> str:
        to, when = (
            at.settings["target_group"].rpartition(":")[2],
            conditions(at.settings["hosts"], at.settings["paths"]),
        )
        priority = at.settings["priority"]
        where = f"priority {priority}" if priority else "behind all others"
        return f"CreateRule: {' and '.join(when)}, {where}, forwarding to {to}"


def conditions(hosts: Sequence[str], paths: Sequence[str]) -> list[str]:
    """As `RuleState.conditions` has them, sorted."""
    named = {"host-header": hosts, "path-pattern": paths}
    return sorted(f"{name} is {', '.join(values)}" for name, values in named.items() if values)


def balancer_of(listener: str) -> str:
    """The ARN of the load balancer that a listener's ARN names."""
    return listener.replace(":listener/", ":loadbalancer/").rpartition("/")[0]


def _behind_all(rules: Sequence[RuleState]) -> int:
    """A priority that none of the rules has: behind the last one, or the last free one."""
    taken = {int(each.priority) for each in rules}
    after = max(taken, default=0) + 1
    return after if after <= LAST_PRIORITY else max(set(range(1, LAST_PRIORITY + 1)) - taken, default=LAST_PRIORITY)


def rules_of(target: Target, listener: str) -> list[RuleState]:
    """The rules of a listener, but its default; empty where there is no such listener."""
    _, rules = elbv2.describe_rules(target, [balancer_of(listener)])
    return [each for each in rules if each.listener == listener and each.priority != "default"]
