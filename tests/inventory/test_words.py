"""One word for how an instance is, and why."""

import pytest

from apps.inventory.models import Instance
from apps.inventory.selectors.words import condition

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop/0123456789abcdef"


def instance(state="running", lifecycle="InService", health="Healthy", target="", description=""):
    seen = {ARN: {"state": target, "reason": "Target.Some", "description": description}} if target else {}
    return Instance(state=state, lifecycle_state=lifecycle, health_status=health, target_health=seen)


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (instance(), "healthy"),
        (instance(target="healthy"), "healthy"),
        (instance(target="unused"), "healthy"),
        (instance(state="pending", lifecycle="Pending"), "starting"),
        (instance(lifecycle="Pending:Wait"), "starting"),
        (instance(target="initial"), "starting"),
        (instance(target="unhealthy"), "unhealthy"),
        (instance(health="Unhealthy"), "unhealthy"),
        (instance(target="draining"), "draining"),
        (instance(lifecycle="Terminating"), "stopped"),
        (instance(state="shutting-down"), "stopped"),
        (instance(lifecycle="Standby"), "stopped"),
        (instance(lifecycle="", health=""), "healthy"),
    ],
)
def test_the_worst_that_anybody_says_counts(row, word):
    assert condition(row).word == word


def test_a_failing_health_check_is_told_with_its_target_group():
    found = condition(instance(target="unhealthy", description="Health checks failed with these codes: [503]"))
    assert found.reason == "shop: Health checks failed with these codes: [503]."


def test_a_healthy_instance_needs_no_reason():
    assert condition(instance(target="healthy")).reason == ""
