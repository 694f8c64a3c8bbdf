"""What is asked of a plan before anything is changed, and what becomes of a question that AWS does not answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from apps.cloud.aws import autoscaling
from apps.cloud.aws.observe import observe
from apps.cloud.errors import Denied, Throttled
from apps.cloud.values import CallRecord, InstanceState, LaunchTemplateRef
from apps.deployments import services
from apps.deployments.errors import Finding, Invalid, Refused
from apps.deployments.models import ClusterPolicy, Deployment
from apps.deployments.preflight import base, look
from apps.deployments.preflight.base import Check, Fewest, Looked
from apps.deployments.strategies.red_black import Options
from apps.inventory.models import Cluster, Environment
from tests.deployments.lite import carry_on, cloud, service
from tests.deployments.looks import ask, looked
from tests.deployments.situations import THEN, group, situation
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]


def only(monkeypatch: pytest.MonkeyPatch, judge: Any) -> None:
    """One check is asked, and no other."""
    monkeypatch.setattr(base, "_checks", {"odd": Check("odd", "whether it is odd", judge)})


def test_a_check_that_aws_denies_is_unknown_and_says_what_to_do(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(looked: Looked) -> Iterator[Finding]:
        raise Denied("DescribeSubnets: you may not", operation="DescribeSubnets")

    only(monkeypatch, denied)
    found = services.preview_push(request(service, "1.1.0")).findings
    assert found == (
        Finding(
            "warn",
            "unknown-odd",
            "It is unknown whether it is odd: DescribeSubnets: you may not. "
            "Allow the console's role that call, or look yourself.",
            "DescribeSubnets",
        ),
    )


@pytest.mark.parametrize("error", [Throttled("slow down", operation="X"), RuntimeError("a mistake")])
def test_no_check_makes_the_preview_fail(service: Service, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def stumbles(looked: Looked) -> Iterator[Finding]:
        raise error

    only(monkeypatch, stumbles)
    preview = services.preview_push(request(service, "1.1.0"))
    assert [(finding.level, finding.code) for finding in preview.findings] == [("warn", "unknown-odd")]
    assert preview.steps


def test_a_check_that_takes_too_long_is_unknown(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(looked: Looked) -> Iterator[Finding]:
        time.sleep(0.5)
        return iter(())

    only(monkeypatch, slow)
    monkeypatch.setattr(look, "WITHIN", 0.05)
    found = services.preview_push(request(service, "1.1.0")).findings
    assert [finding.code for finding in found] == ["unknown-odd"]


def test_what_checks_read_is_told_to_observers(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def reads(looked: Looked) -> Iterator[Finding]:
        for _ in range(2):
            looked.read.once("groups", lambda: autoscaling.describe_groups(looked.target, ["nobody"]))
        return iter(())

    only(monkeypatch, reads)
    calls: list[CallRecord] = []
    with observe(calls.append):
        services.preview_push(request(service, "1.1.0"))
    asked = [call.operation for call in calls].count("DescribeAutoScalingGroups")
    only(monkeypatch, lambda looked: iter(()))
    calls.clear()
    with observe(calls.append):
        services.preview_push(request(service, "1.1.0"))
    assert asked == [call.operation for call in calls].count("DescribeAutoScalingGroups") + 1


def test_two_instances_in_production_are_too_few_unless_overridden_with_a_reason(service: Service) -> None:
    Environment.objects.update(production=True)
    with pytest.raises(Refused) as refused:
        services.push(request(service, "1.1.0"), actor="ann")
    found = next(finding for finding in refused.value.findings if finding.code == "few-instances")
    assert found.overridable
    assert found.text == (
        "api-prod-v001 would serve with 2 instances, and api-prod shall have 3 at least. "
        "Raise its size, or change fewest_instances of the cluster's policy."
    )
    with pytest.raises(Invalid):
        services.push(request(service, "1.1.0", overrides=("few-instances",)), actor="ann")
    asked = request(service, "1.1.0", overrides=("few-instances",), reason="a trial")
    made = services.push(asked, actor="ann")
    assert "few-instances" in {finding["code"] for finding in made.findings if finding["level"] == "overridden"}


def test_a_clusters_policy_says_how_few_are_enough(service: Service) -> None:
    Environment.objects.update(production=True)
    ClusterPolicy.objects.create(cluster=Cluster.objects.get(), fewest_instances=2)
    assert services.push(request(service, "1.1.0"), actor="ann").kind == Deployment.Kind.PUSH


def test_one_zone_is_too_few_for_production() -> None:
    there = replace(group(), zones=("us-east-1a",))
    few = replace(looked(situation(there)), fewest=Fewest(3, 2))
    assert ask("zones", few)["few-zones"].level == "refuse"
    assert ask("zones", replace(looked(situation(there)), fewest=Fewest(3, 1))) == {}


def test_the_size_in_the_end_counts_not_the_margin() -> None:
    few = replace(looked(situation(group(size=2)), Options(min_size=1, margin_percent=100)), fewest=Fewest(3, 0))
    assert few.preview.to_size == 4
    assert "few-instances" in ask("production", few)
    raised = replace(looked(situation(group(size=2)), Options(min_size=3)), fewest=Fewest(3, 0))
    assert ask("production", raised) == {}


def test_instances_of_another_template_version_are_told_as_drift() -> None:
    serving = group(size=3)
    older = LaunchTemplateRef("lt-1", "api-prod", "6")
    members = (replace(serving.members[0], launch_template=older), *serving.members[1:])
    moved = replace(serving, members=members, launch_template=LaunchTemplateRef("lt-1", "api-prod", "$Latest"))
    found = ask("drift", looked(situation(moved), instances=()))["drift-version"]
    assert found.level == "warn"
    assert "Of 3 instances of api-prod-v012, 1 from version 6 of its launch template were launched" in found.text
    assert "version 7, which $Latest stands for now" in found.text


def test_instances_of_another_type_are_told_as_drift() -> None:
    serving = group(size=2)
    larger = replace(serving, members=tuple(replace(each, instance_type="t3.large") for each in serving.members))
    assert "t3.small" in ask("drift", looked(situation(larger), instances=()))["drift-type"].text


def test_instances_of_another_image_are_told_as_drift() -> None:
    run = (instance("i-1", "ami-old"), instance("i-2", "ami-odd"))
    found = ask("drift", looked(situation(group(size=2)), instances=run))
    assert "1 of 2 run ami-odd, the template names ami-old" in found["drift-image"].text
    assert ask("drift", looked(situation(group(size=2)), instances=run[:1])) == {}


def instance(name: str, ami: str) -> InstanceState:
    return InstanceState(name, "running", ami, "t3.small", "us-east-1a", "10.0.0.1", THEN)


@pytest.mark.parametrize(("status", "says"), [("", "exists already"), ("Delete in progress", "is being deleted")])
def test_a_group_of_the_next_name_is_in_the_way(monkeypatch: pytest.MonkeyPatch, status: str, says: str) -> None:
    taken = replace(group("api-prod-v013"), status=status)
    monkeypatch.setattr(autoscaling, "describe_groups", lambda target, names: (taken,))
    found = ask("name", looked())["name-taken"]
    assert (found.level, says in found.text) == ("refuse", True)


def test_a_healthy_plain_cluster_gives_no_finding_that_stops_it(service: Service) -> None:
    assert services.preview_push(request(service, "1.1.0")).refusals == ()


def test_aws_answers_every_check_of_a_plain_cluster_and_none_finds_anything(service: Service) -> None:
    findings = services.preview_push(request(service, "1.1.0")).findings
    assert [(finding.level, finding.code, finding.text) for finding in findings] == []


def test_a_push_is_expected_to_take_what_earlier_ones_took_in_its_environment_or_nothing_is_said(
    service: Service,
) -> None:
    assert services.preview_push(request(service, "1.1.0")).expected_seconds is None
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    assert carry_on(pushed).state == "succeeded"
    assert services.preview_push(request(service, "1.0.0")).expected_seconds is not None
    here = pushed.cluster
    other = Cluster.objects.create(
        environment=here.environment, region=here.region, name="web-prod", application=here.application
    )
    Deployment.objects.filter(pk=pushed.pk).update(cluster=other)
    assert services.preview_push(request(service, "1.0.0")).expected_seconds is not None
