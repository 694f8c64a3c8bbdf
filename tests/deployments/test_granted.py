"""What the page on connecting an account gives is enough for whole pushes, rollbacks and changes, and for no others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.deployments import services
from apps.deployments.models import Deployment
from apps.inventory.models import Environment
from tests.deployments.lite import carry_on, cloud, service
from tests.deployments.test_changes_by_hand import change, instances
from tests.deployments.test_push import request
from tests.deployments.weighting import weighted
from tests.world import Service
from tools import iam, iam_policy

__all__ = ["cloud", "service", "weighted"]

OF_PERMISSIONS = {"may-not-launch", "not-permitted", "unknown-permissions"}
GROUPS = "autoScalingGroupName/"


def connect(service: Service) -> None:
    """The role is there, and trusts the console with its external id."""
    client = service.place.client("iam")
    trust = json.dumps(iam.blocks()["trust"])
    client.create_role(RoleName="console", AssumeRolePolicyDocument=trust)
    ours = {"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": "*"}  # the console never does that
    document = json.dumps({"Version": "2012-10-17", "Statement": [ours]})
    client.put_role_policy(RoleName="console", PolicyName="tests", PolicyDocument=document)
    Environment.objects.update(external_id=iam_policy.EXTERNAL_ID)


def paste(service: Service, *, groups: str = "*", tag: str = "") -> None:
    """The policies of the page, for groups of these names, or with this tag `owner`."""
    known = iam.blocks()
    if tag:
        known["change"]["Statement"] = [
            known["by-tag"] if each["Sid"] == known["by-tag"]["Sid"] else each for each in known["change"]["Statement"]
        ]
    for name in ("look", "change"):
        text = json.dumps(known[name]).replace(iam_policy.ACCOUNT, service.place.account)
        text = text.replace(f"role/{iam_policy.ROLE}", "role/console").replace(f"{GROUPS}*", f"{GROUPS}{groups}")
        key, value = iam_policy.TAG
        text = text.replace(f'ResourceTag/{key}": "{value}"', f'ResourceTag/owner": "{tag}"')
        service.place.client("iam").put_role_policy(RoleName="console", PolicyName=name, PolicyDocument=text)


def ended(deployment: Deployment) -> Deployment:
    assert carry_on(deployment).state == "succeeded", deployment.run.failure
    return deployment


def spoken_against(service: Service) -> dict[str, str]:
    found = services.preview_push(request(service, "1.1.0")).findings
    return {finding.code: finding.text for finding in found if finding.code in OF_PERMISSIONS}


def test_a_push_its_rollback_and_changes_by_hand(service: Service) -> None:
    connect(service)
    paste(service)
    assert spoken_against(service) == {}
    pushed = ended(services.push(request(service, "1.1.0"), actor="ann"))
    ended(services.rollback(pushed.pk, actor="ann", reason="errors"))
    ended(change(service, "scale-on-alarm", policy="slow", metric="TargetResponseTime", threshold=0.5, minutes=2, by=1))
    first = instances(service)[0]
    ended(change(service, "terminate-instance", instance=first, shrink=True))


def test_a_push_by_weights(weighted: Service) -> None:
    connect(weighted)
    paste(weighted)
    assert spoken_against(weighted) == {}
    ended(services.push(request(weighted, "1.1.0"), actor="ann"))


@pytest.mark.parametrize(
    ("other", "own"), [({"groups": "web-*"}, {"groups": "api-*"}), ({"tag": "team-web"}, {"tag": "team-api"})]
)
def test_narrowed_by_name_or_by_tag_it_pushes_these_groups_and_no_others(
    service: Service, other: dict[str, Any], own: dict[str, Any]
) -> None:
    connect(service)
    paste(service, **other)
    assert "autoscaling:CreateAutoScalingGroup" in spoken_against(service)["not-permitted"]
    paste(service, **own)
    assert spoken_against(service) == {}
    ended(services.push(request(service, "1.1.0"), actor="ann"))
