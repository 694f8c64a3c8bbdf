"""Weighted target groups: each group has its own, and weights say who serves; a rollback is one call a rule."""

from __future__ import annotations

from typing import Any

import pytest

from apps.cloud.aws import autoscaling, elbv2_changes
from apps.deployments import services
from apps.deployments.models import Deployment, KeptGroup
from apps.deployments.services import set_policy
from apps.inventory.models import Cluster
from apps.workflows.models import Borrowed, Lock
from tests.deployments.lite import carry_on, cloud, delete, look_until, service, sizes, until_step
from tests.deployments.test_push import request
from tests.world import Service, wait_for

__all__ = ["cloud", "service"]

OLD, NEW, THIRD = "api-prod-v000", "api-prod-v001", "api-prod-v002"


@pytest.fixture
def weighted(service: Service) -> Service:
    set_policy(Cluster.objects.get(), actor="ann", reason="moves at once", traffic_driver="weighted-target-groups")
    return service


def push(service: Service, image: str = "1.1.0", **options: Any) -> Deployment:
    return services.push(request(service, image, options=options), actor="ann")


def done(deployment: Deployment) -> Deployment:
    assert carry_on(deployment).state == "succeeded", deployment.run.failure
    return deployment


def weights(service: Service) -> dict[str, int]:
    """What the default rule forwards to, by the target groups' names."""
    (rule,) = all_weights(service)
    return rule


def all_weights(service: Service) -> list[dict[str, int]]:
    elbv2 = service.place.client("elbv2")
    names = {each["TargetGroupArn"]: each["TargetGroupName"] for each in elbv2.describe_target_groups()["TargetGroups"]}
    found = []
    for balancer in elbv2.describe_load_balancers()["LoadBalancers"]:
        for listener in elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]:
            for rule in elbv2.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]:
                members = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
                found.append({names[each["TargetGroupArn"]]: each["Weight"] for each in members})
    return found


def target_groups(service: Service) -> dict[str, str]:
    """Every target group's ARN by its name."""
    found = service.place.client("elbv2").describe_target_groups()["TargetGroups"]
    return {each["TargetGroupName"]: each["TargetGroupArn"] for each in found}


def owed() -> list[tuple[str, str]]:
    return sorted((item.kind, item.resource.split("/")[-1]) for item in Borrowed.objects.filter(repaid_at=None))


def test_a_push_gives_the_next_group_a_target_group_like_the_old_one_and_all_of_its_weight(weighted: Service) -> None:
    elbv2 = weighted.place.client("elbv2")
    elbv2.add_tags(ResourceArns=[weighted.target_group], Tags=[{"Key": "team", "Value": "api"}])
    elbv2.modify_target_group_attributes(
        TargetGroupArn=weighted.target_group, Attributes=[{"Key": "slow_start.duration_seconds", "Value": "30"}]
    )
    pushed = done(push(weighted))
    assert weights(weighted) == {"api-prod-tg": 0, NEW: 1}
    made = target_groups(weighted)[NEW]
    groups = weighted.groups()
    assert groups[NEW]["TargetGroupARNs"] == [made]
    assert groups[OLD]["TargetGroupARNs"] == [weighted.target_group]  # stands by, attached and checked
    old, new = elbv2.describe_target_groups(TargetGroupArns=[weighted.target_group, made])["TargetGroups"]
    differ = {key for key in old if old[key] != new[key]}
    assert differ == {"TargetGroupArn", "TargetGroupName"}
    assert attributes(elbv2, made) == attributes(elbv2, weighted.target_group)
    (told,) = elbv2.describe_tags(ResourceArns=[made])["TagDescriptions"]
    tags = {tag["Key"]: tag["Value"] for tag in told["Tags"]}
    assert tags == {
        "team": "api",
        "deployconsole:run": str(pushed.run_id),
        "deployconsole:group": NEW,
        "deployconsole:like": "api-prod-tg",
    }
    assert owed() == [("processes", OLD), ("weights", OLD)]
    assert sizes(weighted, NEW) == (1, 2, 4)
    assert services.preview_rollback(pushed.pk).findings == ()


def attributes(elbv2: Any, arn: str) -> Any:
    return elbv2.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]


def test_the_new_target_group_is_in_the_rules_at_weight_0_before_its_health_is_read(weighted: Service) -> None:
    pushed = push(weighted, "never_healthy")
    until_step(pushed, "wait-healthy")
    assert weights(weighted) == {"api-prod-tg": 1, NEW: 0}


def test_a_rollback_moves_the_traffic_in_one_call(weighted: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    pushed = done(push(weighted))
    calls: list[Any] = []
    real = elbv2_changes.set_weights
    monkeypatch.setattr(elbv2_changes, "set_weights", lambda *args: (calls.append(args), real(*args)))
    back = done(services.rollback(pushed.pk, actor="bob"))
    assert len(calls) == 1
    assert weights(weighted) == {"api-prod-tg": 1, NEW: 0}
    assert sizes(weighted, OLD) == (1, 2, 4)
    assert weighted.groups()[OLD]["SuspendedProcesses"] == []
    assert owed() == [("processes", NEW), ("weights", NEW)]
    assert [step.kind for step in back.run.steps.all()] == [
        "raise-group",
        "hold-size",
        "give-traffic",
        "take-traffic",
        "restore-size",
        "release-size",
        "keep-group",
    ]


def test_the_second_push_deletes_the_older_group_and_takes_its_target_group_out_of_the_rules(weighted: Service) -> None:
    done(push(weighted))
    done(push(weighted, "1.2.0"))
    assert weights(weighted) == {NEW: 0, THIRD: 1}
    assert set(target_groups(weighted)) == {"api-prod-tg", NEW, THIRD}  # the first was not made by the console
    done(push(weighted, "1.1.0"))
    wait_for(lambda: sorted(weighted.groups()) == [THIRD, "api-prod-v003"], "the older group to be gone")
    assert weights(weighted) == {THIRD: 0, "api-prod-v003": 1}
    assert set(target_groups(weighted)) == {"api-prod-tg", THIRD, "api-prod-v003"}
    assert owed() == [("processes", THIRD), ("weights", THIRD)]


def test_a_push_after_a_rollback_starts_from_the_group_that_serves_again(weighted: Service) -> None:
    pushed = done(push(weighted))
    done(services.rollback(pushed.pk, actor="bob"))
    done(push(weighted, "1.2.0"))
    assert weights(weighted) == {"api-prod-tg": 0, THIRD: 1}
    assert set(target_groups(weighted)) == {"api-prod-tg", THIRD}


@pytest.mark.parametrize(
    "at", ["create-target-groups", "enter-rules", "create-group", "wait-healthy", "take-traffic", "soak"]
)
def test_a_push_cancelled_anywhere_leaves_rules_target_groups_and_ledger_as_they_were(
    at: str, weighted: Service
) -> None:
    before = weights(weighted)
    pushed = push(weighted, soak_seconds=3600)
    until_step(pushed, at, "running", "done")
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert sorted(weighted.groups()) == [OLD]
    assert weights(weighted) == before
    assert list(target_groups(weighted)) == ["api-prod-tg"]
    assert owed() == []
    assert weighted.groups()[OLD]["SuspendedProcesses"] == []
    assert not Lock.objects.exists()


@pytest.mark.parametrize(
    ("module", "call"),
    [
        (autoscaling, "update_group"),
        (autoscaling, "suspend"),
        (elbv2_changes, "set_weights"),
        (autoscaling, "resume"),
    ],
)
def test_a_rollback_cancelled_at_any_call_leaves_the_new_group_serving_and_can_be_asked_for_again(
    module: Any, call: str, weighted: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = done(push(weighted))
    back = services.rollback(pushed.pk, actor="bob")
    real, cancelled = getattr(module, call), []

    def cancelling(*args: Any, **more: Any) -> None:
        real(*args, **more)
        if not cancelled:
            cancelled.append(services.cancel(back.pk, actor="bob"))

    monkeypatch.setattr(module, call, cancelling)
    assert carry_on(back).state == "undone", back.run.failure
    assert weights(weighted) == {"api-prod-tg": 0, NEW: 1}
    assert owed() == [("processes", OLD), ("weights", OLD)]
    assert weighted.groups()[NEW]["SuspendedProcesses"] == []
    assert sizes(weighted, OLD) == sizes(weighted, NEW) == (1, 2, 4)
    done(services.rollback(pushed.pk, actor="bob"))
    assert weights(weighted) == {"api-prod-tg": 1, NEW: 0}


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


def listener(service: Service) -> str:
    elbv2 = service.place.client("elbv2")
    (balancer,) = elbv2.describe_load_balancers()["LoadBalancers"]
    return str(elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"][0]["ListenerArn"])


def another_target_group(service: Service, name: str) -> str:
    elbv2 = service.place.client("elbv2")
    vpc = elbv2.describe_target_groups()["TargetGroups"][0]["VpcId"]
    made = elbv2.create_target_group(Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, HealthCheckPath="/health")
    arn = str(made["TargetGroups"][0]["TargetGroupArn"])
    elbv2.modify_target_group_attributes(
        TargetGroupArn=arn, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "0"}]
    )
    return arn


def change_default_rule(service: Service, members: dict[str, int], sticky: dict[str, Any] | None = None) -> None:
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in members.items()]
    config = {"TargetGroups": groups, **({"TargetGroupStickinessConfig": sticky} if sticky else {})}
    service.place.client("elbv2").modify_listener(
        ListenerArn=listener(service), DefaultActions=[{"Type": "forward", "ForwardConfig": config}]
    )


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


def refusals(service: Service) -> list[str]:
    preview = services.preview_push(request(service, "1.1.0"))
    return [finding.text for finding in preview.refusals if finding.code == "driver"]


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


def stranger(service: Service) -> str:
    ec2 = service.place.client("ec2")
    made = ec2.run_instances(ImageId=service.images["1.0.0"], MinCount=1, MaxCount=1, InstanceType="t3.small")
    instance = str(made["Instances"][0]["InstanceId"])

    def runs() -> bool:
        found = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
        return bool(found["State"]["Name"] == "running")

    wait_for(runs, f"{instance} to run")
    return instance


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


def rolling(service: Service, **options: Any) -> Deployment:
    asked = request(service, "1.1.0", strategy="rolling-red-black", options={"watch_seconds": 0, **options})
    return services.push(asked, actor="ann")


def test_a_rolling_push_moves_exactly_the_parts_asked_for_and_ends_at_the_old_scale(
    weighted: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, int]] = []
    real = elbv2_changes.set_weights

    def watched(*args: Any) -> None:
        real(*args)
        seen.append(weights(weighted))

    monkeypatch.setattr(elbv2_changes, "set_weights", watched)
    pushed = done(rolling(weighted, percentages="10, 50"))
    assert seen == [
        {"api-prod-tg": 1, NEW: 0},
        {"api-prod-tg": 9, NEW: 1},
        {"api-prod-tg": 5, NEW: 5},
        {"api-prod-tg": 0, NEW: 1},
    ]
    kinds = [step.kind for step in pushed.run.steps.all()]
    assert kinds.count("hold-size") == 1
    assert kinds.index("hold-size") < kinds.index("share-traffic")


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
