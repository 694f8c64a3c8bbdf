"""Weighted target groups beside others: full rules, several rules, strangers, parts of the traffic."""

from __future__ import annotations

from typing import Any

import pytest

from apps.cloud.aws import elbv2_changes
from apps.deployments import services
from apps.deployments.drivers import weighted_shown, weighted_target_groups
from apps.deployments.models import Deployment, KeptGroup
from apps.deployments.services import set_policy
from apps.inventory.models import Cluster
from apps.workflows import services as workflows
from tests.deployments.lite import carry_on, cloud, delete, look_until, service, until_step, until_waiting
from tests.deployments.weighting import (
    NEW,
    OLD,
    THIRD,
    all_weights,
    another_target_group,
    change_default_rule,
    done,
    listener,
    owed,
    push,
    refusals,
    rolling,
    stranger,
    target_groups,
    weighted,
    weights,
)
from tests.world import Service, wait_for

__all__ = ["cloud", "service", "weighted"]


def test_others_in_the_rule_keep_their_weight_and_stickiness_stays(weighted: Service) -> None:
    elbv2 = weighted.place.client("elbv2")
    other = another_target_group(weighted, "other")
    sticky = {"Enabled": True, "DurationSeconds": 60}
    change_default_rule(weighted, {weighted.target_group: 8, other: 2}, sticky)
    pushed = push(weighted)
    done(pushed)
    assert weights(weighted) == {"api-prod-tg": 0, "other": 2, NEW: 8}
    (rule,) = elbv2.describe_rules(ListenerArn=listener(weighted))["Rules"]
    assert rule["Actions"][0]["ForwardConfig"]["TargetGroupStickinessConfig"] == sticky
    assert "sticky" in [finding["code"] for finding in pushed.findings]
    done(services.rollback(pushed.pk, actor="bob"))
    assert weights(weighted) == {"api-prod-tg": 8, "other": 2, NEW: 0}


def test_every_rule_and_every_target_group_of_the_old_group_moves(weighted: Service) -> None:
    internal = another_target_group(weighted, "internal")
    elbv2 = weighted.place.client("elbv2")
    (balancer,) = elbv2.describe_load_balancers()["LoadBalancers"]
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=8081,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": internal}],
    )
    elbv2.create_rule(
        ListenerArn=listener(weighted),
        Priority=10,
        Conditions=[{"Field": "path-pattern", "Values": ["/api/*"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": weighted.target_group}],
    )
    weighted.place.client("autoscaling").attach_load_balancer_target_groups(
        AutoScalingGroupName=OLD, TargetGroupARNs=[internal]
    )
    pushed = done(push(weighted))
    made = {name for name in target_groups(weighted) if name.startswith(NEW)}
    assert len(made) == 2
    assert all(len(name) <= 32 for name in made)
    found = all_weights(weighted)
    assert len(found) == 3
    for rule in found:
        ((old, nothing), (new, all_of_it)) = rule.items()
        assert (nothing, all_of_it) == (0, 1)
        assert old in {"api-prod-tg", "internal"}
        assert new in made
    done(services.rollback(pushed.pk, actor="bob"))
    assert sorted(max(rule, key=lambda name: rule[name]) for rule in all_weights(weighted)) == [
        "api-prod-tg",
        "api-prod-tg",
        "internal",
    ]


def test_room_is_made_in_a_full_rule_by_deleting_the_group_kept_before(weighted: Service) -> None:
    done(push(weighted))
    arns = target_groups(weighted)
    others = {another_target_group(weighted, f"other-{number}"): 1 for number in range(3)}
    change_default_rule(weighted, {arns["api-prod-tg"]: 0, arns[NEW]: 1, **others})
    second = push(weighted, "1.2.0")
    kinds = [step.kind for step in second.run.steps.all()]
    assert kinds.count("delete-older-group") == 1
    assert kinds.index("delete-older-group") < kinds.index("create-target-groups")
    done(second)
    assert weights(weighted) == {NEW: 0, "other-0": 1, "other-1": 1, "other-2": 1, THIRD: 1}


def test_a_rule_full_of_others_and_a_target_group_shared_with_others_refuse_the_push(weighted: Service) -> None:
    others = {another_target_group(weighted, f"other-{number}"): 1 for number in range(4)}
    change_default_rule(weighted, {weighted.target_group: 1, **others})
    (full,) = refusals(weighted)
    assert "forwards to 5 target groups and AWS allows 5" in full
    change_default_rule(weighted, {weighted.target_group: 1})
    weighted.place.client("elbv2").register_targets(
        TargetGroupArn=weighted.target_group, Targets=[{"Id": stranger(weighted)}]
    )
    (shared,) = refusals(weighted)
    assert "would take their traffic too" in shared


def test_a_kept_group_to_which_somebody_gave_weight_again_is_left_alone(weighted: Service) -> None:
    pushed = done(push(weighted, old_group="hours", keep_hours=1))
    arns = target_groups(weighted)
    change_default_rule(weighted, {arns["api-prod-tg"]: 1, arns[NEW]: 1})
    KeptGroup.objects.update(until=pushed.created_at)
    assert services.start_due_clean_ups() == 1
    cleaning = Deployment.objects.get(kind="clean-up")
    done(cleaning)
    assert sorted(weighted.groups()) == [OLD, NEW]
    assert weights(weighted) == {"api-prod-tg": 1, NEW: 1}


def test_a_kept_group_that_somebody_deleted_leaves_the_rules_with_the_next_push(weighted: Service) -> None:
    done(push(weighted))
    done(push(weighted, "1.2.0"))
    delete(weighted, NEW)
    done(push(weighted, "1.1.0"))
    assert weights(weighted) == {THIRD: 0, "api-prod-v003": 1}
    assert NEW not in target_groups(weighted)


def test_the_old_group_has_its_deregistration_delay_after_its_weight_is_0(weighted: Service) -> None:
    weighted.place.client("elbv2").modify_target_group_attributes(
        TargetGroupArn=weighted.target_group, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "2"}]
    )
    pushed = push(weighted)
    look_until(pushed, lambda: "to end" in pushed.run.says, "to wait for requests in flight")
    assert weights(weighted) == {"api-prod-tg": 0, NEW: 1}
    assert "has weight 0" in pushed.run.says
    done(pushed)


def test_a_cluster_that_goes_back_to_a_shared_target_group_shares_that_of_the_serving_group(weighted: Service) -> None:
    done(push(weighted))
    set_policy(Cluster.objects.get(), actor="ann", reason="simpler", traffic_driver="shared-target-group")
    second = done(push(weighted, "1.2.0"))
    made = target_groups(weighted)[NEW]
    wait_for(lambda: sorted(weighted.groups()) == [NEW, THIRD], "the older group to be gone")
    groups = weighted.groups()
    assert (groups[NEW]["TargetGroupARNs"], groups[THIRD]["TargetGroupARNs"]) == ([], [made])
    assert weights(weighted) == {NEW: 1}
    done(services.rollback(second.pk, actor="bob"))
    assert weighted.groups()[NEW]["TargetGroupARNs"] == [made]


def test_a_rolling_push_moves_exactly_the_parts_asked_for_and_ends_at_the_old_scale(
    weighted: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, int]] = []
    real = elbv2_changes.set_weights

    def watched(*args: Any) -> None:
        real(*args)
        seen.append(weights(weighted))

    monkeypatch.setattr(elbv2_changes, "set_weights", watched)
    done(rolling(weighted, percentages="10, 50"))
    assert seen == [
        {"api-prod-tg": 1, NEW: 0},
        {"api-prod-tg": 9, NEW: 1},
        {"api-prod-tg": 5, NEW: 5},
        {"api-prod-tg": 0, NEW: 1},
    ]


def test_a_rolling_push_cancelled_between_parts_gives_all_of_it_back_in_one_call(
    weighted: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = rolling(weighted, percentages="10, 50", between="ask")
    look_until(pushed, lambda: pushed.run.state == "needs_person", "to ask")
    assert weights(weighted) == {"api-prod-tg": 9, NEW: 1}
    services.decide(pushed.pk, "forward", actor="ann", reason="looks good")
    look_until(pushed, lambda: weights(weighted)[NEW] == 5 and pushed.run.state == "needs_person", "to ask again")
    seen: list[dict[str, int]] = []
    real = elbv2_changes.set_weights

    def watched(*args: Any) -> None:
        real(*args)
        seen.append(weights(weighted))

    monkeypatch.setattr(elbv2_changes, "set_weights", watched)
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert seen == [{"api-prod-tg": 1, NEW: 0}, {"api-prod-tg": 1}]
    assert owed() == []


def test_rules_that_somebody_emptied_are_a_persons_to_mend_and_the_undo_then_goes_on(
    weighted: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = push(weighted, soak_seconds=3600)
    until_step(pushed, "soak")
    elsewhere = another_target_group(weighted, "elsewhere")
    change_default_rule(weighted, {elsewhere: 1})
    monkeypatch.setattr(weighted_shown, "NOWHERE_AFTER", 0.5)
    services.cancel(pushed.pk, actor="bob")
    look_until(pushed, lambda: pushed.run.state == "needs_person", "to ask a person")
    assert "Give api-prod-v000's target groups their weight" in pushed.run.says
    change_default_rule(weighted, {elsewhere: 1, weighted.target_group: 1})
    workflows.resume(pushed.run_id, actor="bob", reason="the rule is mended")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert weights(weighted) == {"elsewhere": 1, "api-prod-tg": 1}


def test_a_push_turns_back_where_somebody_emptied_the_rules_for_a_while(
    weighted: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = push(weighted)
    until_waiting(pushed, weighted)
    monkeypatch.setattr(weighted_shown, "NOWHERE_AFTER", 0.5)
    real = weighted_target_groups.WeightedTargetGroups.take

    def emptied(*asked: Any, **more: Any) -> Any:
        rule = weights(weighted)
        if set(rule.values()) == {0, 1}:
            arns = target_groups(weighted)
            elsewhere = another_target_group(weighted, "elsewhere")
            change_default_rule(weighted, {arns["api-prod-tg"]: 0, arns[NEW]: 0, elsewhere: 1})
        return real(*asked, **more)

    monkeypatch.setattr(weighted_target_groups.WeightedTargetGroups, "take", emptied)
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert "any more: somebody changed the rules" in pushed.run.failure
    assert weights(weighted) == {"api-prod-tg": 0, "elsewhere": 1}
