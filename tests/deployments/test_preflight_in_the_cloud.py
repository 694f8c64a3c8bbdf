"""An account that lacks what a push needs refuses it in the preview, by the cloud's own answers."""

from __future__ import annotations

import json

from apps.deployments import services
from tests.deployments.lite import cloud, service
from tests.deployments.test_push import request
from tests.deployments.weighting import weighted
from tests.world import Service

__all__ = ["cloud", "service", "weighted"]

FULL = (  # Service Quotas' codes of service and quota; the value at which there is no room left for the next group
    ("autoscaling", "L-CDE20ADC", 1),  # groups
    ("ec2", "L-1216C47A", 4),  # vCPUs of standard instances
    ("elasticloadbalancing", "L-B22855CB", 1),  # target groups
    ("elasticloadbalancing", "L-7E6692B2", 3),  # targets of a load balancer
)


def refusals(service: Service) -> dict[str, str]:
    return {each.code: each.text for each in services.preview_push(request(service, "1.1.0")).refusals}


def test_full_quotas_refuse_it_each_with_a_mend(weighted: Service) -> None:
    for of, code, value in FULL:
        weighted.place.client("service-quotas").request_service_quota_increase(
            ServiceCode=of, QuotaCode=code, DesiredValue=value
        )
    found = refusals(weighted)
    assert set(found) == {"scaling-quota", "vcpu-quota", "target-group-quota", "targets-quota"}
    assert "1 of 1 Auto Scaling groups" in found["scaling-quota"]
    assert "1 of 1 target groups" in found["target-group-quota"]
    assert all("raise" in text or "take some out" in text.lower() for text in found.values()), found


def test_a_role_that_may_not_create_groups_refuses_it(service: Service) -> None:
    iam = service.place.client("iam")
    iam.create_role(RoleName="console", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": []}))
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    deny = {"Effect": "Deny", "Action": "autoscaling:CreateAutoScalingGroup", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow, deny]})
    iam.put_role_policy(RoleName="console", PolicyName="console", PolicyDocument=document)
    assert "autoscaling:CreateAutoScalingGroup" in refusals(service)["not-permitted"]
