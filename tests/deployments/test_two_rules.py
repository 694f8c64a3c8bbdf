"""Two rules forward to a group by weights, and AWS is late to show one of them: each counts by itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from apps.cloud.aws import autoscaling, elbv2_changes
from apps.cloud.values import RuleState
from apps.deployments import services
from apps.deployments.drivers import weighted_repay, weighted_target_groups
from apps.deployments.place import Place
from apps.deployments.steps import target_groups as steps
from apps.workflows.models import Run
from apps.workflows.services import advance
from tests.deployments.lite import carry_on, cloud, look_until, service, until_step, until_waiting
from tests.deployments.test_reconcile import break_lock
from tests.deployments.test_stale_reads import as_before
from tests.deployments.weighting import NEW, all_weights, done, owed, push, rolling, target_groups, weighted
from tests.world import Service, wait_for

__all__ = ["cloud", "service", "weighted"]

Shown = Callable[[RuleState], RuleState]
LOOKS = 6  # for which AWS is still behind when the other rule has been changed


@pytest.fixture
def twofold(weighted: Service) -> Service:
    """A second listener forwards to the group's target group, too."""
    elbv2 = weighted.place.client("elbv2")
    (balancer,) = elbv2.describe_load_balancers()["LoadBalancers"]
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=8082,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": weighted.target_group}],
    )
    return weighted


def one_late(monkeypatch: pytest.MonkeyPatch, module: Any, shown: Shown, *, from_now: bool = False) -> list[int]:
    """The rule of the second listener is shown by `shown` until a few looks after the other was changed.

    Answers how many are left of these. With `from_now` they are counted at once.
    """
    real, change, left = module.rules, elbv2_changes.set_weights, [LOOKS]
    second, changed = [], []

    def late(place: Place, arns: Iterable[str]) -> tuple[RuleState, ...]:
        found = real(place, arns)
        second.extend([max(rule.arn for rule in found)] if found and not second else [])
        left[0] -= bool(changed or from_now)
        return tuple(shown(rule) if left[0] >= 0 and rule.arn in second else rule for rule in found)

    def set_weights(target: Any, rule: RuleState, *more: Any) -> None:
        change(target, rule, *more)
        changed.append(rule.arn)

    monkeypatch.setattr(module, "rules", late)
    monkeypatch.setattr(elbv2_changes, "set_weights", set_weights)
    return left


def watch_detaching(monkeypatch: pytest.MonkeyPatch, twofold: Service) -> list[list[int]]:
    """What the first group has in each rule whenever a group is detached."""
    real, seen = autoscaling.detach, []

    def detach(*asked: Any, **more: Any) -> None:
        seen.append([rule["api-prod-tg"] for rule in all_weights(twofold)])
        real(*asked, **more)

    monkeypatch.setattr(autoscaling, "detach", detach)
    return seen


def test_an_undo_makes_sure_of_the_rule_that_it_did_not_move_itself(
    twofold: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = push(twofold, soak_seconds=3600)
    until_step(pushed, "soak")
    seen = watch_detaching(monkeypatch, twofold)
    left = one_late(monkeypatch, weighted_target_groups, as_before)
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert left[0] < 0
    assert seen == [[1, 1]], "the new group went while a rule sent it all of its requests"


@pytest.mark.parametrize("step", ["take-traffic", "restore-size"])
def test_the_undo_of_a_rollback_makes_sure_of_each_rule(
    twofold: Service, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    pushed = done(push(twofold))
    back = services.rollback(pushed.pk, actor="bob")
    monkeypatch.setattr(sys.modules["apps.workflows.services.advance"], "BUDGET", 0.0)  # one step a look
    until_step(back, step)
    left = one_late(monkeypatch, weighted_target_groups, as_before)
    services.cancel(back.pk, actor="bob")
    assert carry_on(back).state == "undone", back.run.failure
    assert left[0] < 0
    assert [(rule["api-prod-tg"], rule[NEW]) for rule in all_weights(twofold)] == [(0, 1), (0, 1)]
    assert owed() == [("processes", "api-prod-v000"), ("weights", "api-prod-v000")]


def test_a_rule_that_the_new_target_group_seems_not_to_be_in_is_looked_at_again(
    twofold: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = push(twofold)
    until_waiting(pushed, twofold)
    old = twofold.target_group

    def not_entered(rule: RuleState) -> RuleState:
        return RuleState(**{**vars(rule), "forwards": tuple(f for f in rule.forwards if f.target_group == old)})

    refused: list[str] = []
    real = elbv2_changes.delete_target_group

    def delete(target: Any, arn: str) -> None:
        try:
            real(target, arn)
        except Exception as error:
            refused.append(str(error))
            raise

    monkeypatch.setattr(elbv2_changes, "delete_target_group", delete)
    left = one_late(monkeypatch, steps, not_entered)
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert left[0] < 0
    assert refused == [], "a target group was to be deleted that a rule still names"
    assert all_weights(twofold) == [{"api-prod-tg": 1}, {"api-prod-tg": 1}]
    assert list(target_groups(twofold)) == ["api-prod-tg"]


def as_at_first(rule: RuleState) -> RuleState:
    """A rule of two target groups as it was when the first had all of its traffic."""
    old, new = rule.forwards
    return replace(rule, forwards=(replace(old, weight=1), replace(new, weight=0)))


def test_a_repair_makes_sure_of_the_rule_that_seems_to_have_its_weight(
    twofold: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = rolling(twofold, percentages="10", between="ask")
    look_until(pushed, lambda: pushed.run.state == "needs_person", "to ask")
    left = one_late(monkeypatch, weighted_repay, as_at_first, from_now=True)
    for module in ("apps.workflows.services.reconcile", "apps.workflows.repay"):  # nothing is to stay as it stands
        monkeypatch.setattr(sys.modules[module], "why_kept", lambda item: "")
    break_lock(pushed)
    services.reconcile()
    repair = Run.objects.get(kind="repair")

    def over() -> bool:
        Run.objects.filter(pk=repair.pk, ended_at=None).update(due_at=repair.created_at)
        advance(repair.pk)
        repair.refresh_from_db()
        return repair.ended

    wait_for(over, "the repair to end", 60)
    assert (repair.state, left[0] < 0) == ("succeeded", True)
    assert [(rule["api-prod-tg"], rule[NEW]) for rule in all_weights(twofold)] == [(1, 0), (1, 0)]
