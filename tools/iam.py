"""`python tools/iam.py`: writes docs/reference/iam.md, the table of all permissions that the console's role needs.

They are what the cloud boundary (apps/cloud/aws) calls, and what AWS asks for besides in the name of these calls.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from botocore.session import get_session

ROOT = Path(__file__).resolve().parent.parent
BOUNDARY = ROOT / "apps" / "cloud" / "aws"
INSTALL = ROOT / "docs" / "how-to" / "install.md"
PAGE = ROOT / "docs" / "reference" / "iam.md"
# IAM's name of a service, where it is not boto3's
PREFIXES = {"elb": "elasticloadbalancing", "elbv2": "elasticloadbalancing", "service-quotas": "servicequotas"}
SERVICES = {  # each file of the cloud boundary: boto3's names of its services
    "alarms": ("cloudwatch",),
    "autoscaling": ("autoscaling",),
    "cloudwatch": ("cloudwatch",),
    "ec2": ("ec2",),
    "elb": ("elb",),
    "elbv2": ("elbv2",),
    "elbv2_changes": ("elbv2",),
    "iam": ("iam",),
    "inside": ("ec2",),
    "launch_templates": ("ec2",),
    "launching": ("ec2",),
    "quotas": ("autoscaling", "elbv2", "service-quotas"),
    "scaling": ("autoscaling",),
    "sts": ("sts",),
}
MOVES = ("LoadBalancerTargetGroups", "LoadBalancers", "TrafficSources")
READING = ("Describe", "Get", "List", "Simulate")


@dataclass(frozen=True)
class Dependent:
    """An action that AWS asks for in the name of another. `always`: it is in the policy, whoever's fleet it is."""

    action: str
    of: str
    when: str
    always: bool = True


DEPENDENT = (
    Dependent("ec2:RunInstances", "autoscaling:CreateAutoScalingGroup", "it launches from a launch template"),
    Dependent("ec2:RunInstances", "autoscaling:UpdateAutoScalingGroup", "it is given a launch template version"),
    Dependent("ec2:CreateTags", "autoscaling:CreateAutoScalingGroup", "its launch template tags what it launches"),
    Dependent("elasticloadbalancing:AddTags", "elasticloadbalancing:CreateTargetGroup", "it is made with tags"),
    Dependent(
        "iam:PassRole",
        "autoscaling:CreateAutoScalingGroup",
        "its launch template names an instance profile, or a lifecycle hook a role; for that role alone",
        always=False,
    ),
    Dependent(
        "iam:CreateServiceLinkedRole",
        "autoscaling:CreateAutoScalingGroup",
        "the account has no AWSServiceRoleForAutoScaling, since it never had a group",
        always=False,
    ),
)


@dataclass(frozen=True)
class Row:
    """One permission: what calls it, and what AWS asks for it besides."""

    action: str
    used_by: str
    always: bool = True


@cache
def called() -> frozenset[str]:
    """Every operation that the cloud boundary names, as IAM spells it."""
    session, found = get_session(), set()
    for name, services in SERVICES.items():
        words = set(re.findall(r'"([A-Z][A-Za-z]+)"', (BOUNDARY / f"{name}.py").read_text()))
        if name == "autoscaling":
            words |= {verb + each for verb in ("Attach", "Detach") for each in MOVES}
        for service in services:
            known = words & set(session.get_service_model(service).operation_names)
            found |= {f"{PREFIXES.get(service, service)}:{one}" for one in known}
    return frozenset(found)


def rows() -> Iterator[Row]:
    """Every permission, in their order."""
    of = {each.action: [one for one in DEPENDENT if one.action == each.action] for each in DEPENDENT}
    for action in sorted(called() | of.keys()):
        words = [_caller(action)] if action in called() else []
        words += [f"with `{each.of}`, when {each.when}" for each in of.get(action, ())]
        yield Row(action, "; ".join(words), action in called() or any(each.always for each in of[action]))


def granted() -> tuple[str, ...]:
    """The actions of the policy in the installation page."""
    return tuple(action for statement in policy()["Statement"] for action in statement["Action"])


def policy() -> dict[str, list[dict[str, list[str]]]]:
    """The policy in the installation page."""
    text = re.search(r"```json\n(.*?)```", INSTALL.read_text(), re.DOTALL)
    if text is None:
        raise LookupError(f"{INSTALL.name} has no policy")
    found: dict[str, list[dict[str, list[str]]]] = json.loads(text[1])
    return found


def page() -> str:
    """The reference page."""
    lines = [f"| `{row.action}` | {row.used_by} | {'yes' if row.always else 'if so'} |" for row in rows()]
    return _PAGE.format(rows="\n".join(lines))


def _caller(action: str) -> str:
    if action.partition(":")[2].startswith(READING):
        return "reading"
    from apps.deployments import drivers
    from apps.workflows import kinds

    known = {slug: set(getattr(kinds.kind(slug), "calls", ())) for slug in kinds.slugs()}
    known |= {f"driver {slug}": set(driver.calls) for slug, driver in drivers.all().items()}
    users = sorted(slug for slug, calls in known.items() if action in calls)
    return ", ".join(users) or "clean-ups and repairs"


_PAGE = """\
# Permissions

What the console's role needs in each account; made out of the code by `tools/iam.py`, and tried row by row: without a
row the embedded cloud refuses the call by the action's name, with it it does not. The policy to paste is in
[Install it](../how-to/install.md); "if so" says that it is needed only by a fleet that is so.

Two more things are not the role's. Instances of a group whose volumes or AMI are encrypted with a key of your own in
KMS start only if that key's policy lets `AWSServiceRoleForAutoScaling` use it and create grants for it. And an AMI of
another account starts only where that account shares it, its snapshots and their key.

| permission | by which step, or why | always |
|---|---|---|
{rows}
"""


def main() -> int:
    """Writes the page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.static_settings")
    import django

    django.setup()
    PAGE.write_text(page())
    print(f"{PAGE.relative_to(ROOT)} holds {len(list(rows()))} permissions")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
