"""What a rollback would do, and when it is refused before anything is changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apps.cloud.aws import ec2
from apps.cloud.values import GroupState, Target
from apps.deployments import gather
from apps.deployments.requests import Preview
from apps.deployments.rollback_plan import Back, plan
from tests.deployments.situations import TG, group, image, situation

BACK = Back("api-prod-v011", "api-prod-v012", "arn:api-prod-v011", (TG,))


def preview(stands_by: GroupState | None = None, back: Back = BACK) -> Preview:
    old = replace(stands_by or group("api-prod-v011"), traffic_sources=())
    return plan(replace(situation(image=image("ami-old", "4.1.9")), groups=(old, group())), back)


def codes(made: Preview) -> dict[str, str]:
    return {finding.code: finding.level for finding in made.findings}


def test_the_size_that_the_group_ends_with_is_named() -> None:
    restore = next(step for step in preview(group("api-prod-v011", size=8)).steps if step.kind == "restore-size")
    assert restore.changes == ("UpdateAutoScalingGroup: api-prod-v011 min 4, max 12, desired 8 (now)",)


def test_an_ami_that_is_gone_only_warns_while_enough_instances_stand_by() -> None:
    gone = replace(BACK, image_gone="its AMI ami-old is gone.")
    enough = preview(back=gone)
    assert codes(enough) == {"cannot-launch": "warn"}
    assert enough.steps
    assert codes(preview(group("api-prod-v011", size=5), gone)) == {"cannot-launch": "refuse"}


def test_a_target_group_that_no_longer_exists_refuses_early_by_its_name() -> None:
    (finding,) = preview(back=replace(BACK, missing=(TG,))).refusals
    assert (finding.code, finding.subject) == ("target-group-gone", TG)
    assert "api-prod-tg, which no longer exists" in finding.text


def test_an_ami_that_a_parameter_names_is_never_taken_for_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ec2, "launchable_image", lambda *_: pytest.fail("EC2 was asked for a parameter"))
    template = situation().template
    assert template
    named = replace(template, image_id="resolve:ssm:/golden/api")
    assert gather.why_not_launchable(Target("1", "us-east-1", ""), named) == ""
