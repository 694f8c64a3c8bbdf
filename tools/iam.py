"""`python tools/iam.py`: writes which permissions the console's role needs: the table in docs/reference/iam.md and the
policies in docs/how-to/connect-an-account.md.

They are what the cloud boundary (apps/cloud/aws) calls, what steps and drivers declare, and what AWS asks for
besides in the name of these calls.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from botocore.session import get_session

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from tools import iam_policy  # noqa: E402 -- run as a program, it is found only now
from tools.iam_policy import READING, scope_of  # noqa: E402

BOUNDARY = ROOT / "apps" / "cloud" / "aws"
CONNECT = ROOT / "docs" / "how-to" / "connect-an-account.md"
PAGE = ROOT / "docs" / "reference" / "iam.md"
BLOCK = re.compile(r"(<!-- ([\w-]+)\.json, written by tools/iam\.py -->\n```json\n)(.*?)(```)", re.DOTALL)
# IAM's name of a service, where it is not boto3's
PREFIXES = {"elb": "elasticloadbalancing", "elbv2": "elasticloadbalancing", "service-quotas": "servicequotas"}
SERVICES = {  # each file of the cloud boundary: boto3's names of its services
    "acm": ("acm",),
    "alarms": ("cloudwatch",),
    "autoscaling": ("autoscaling",),
    "builders": ("ec2",),
    "cloudwatch": ("cloudwatch",),
    "ec2": ("ec2",),
    "elb": ("elb",),
    "elbv2": ("elbv2",),
    "elbv2_changes": ("elbv2",),
    "elbv2_making": ("elbv2",),
    "iam": ("iam",),
    "image_use": ("autoscaling", "ec2"),
    "images": ("ec2",),
    "inside": ("ec2",),
    "kms": ("kms",),
    "launch_templates": ("ec2",),
    "launching": ("ec2",),
    "networks": ("ec2",),
    "quotas": ("autoscaling", "elb", "elbv2", "service-quotas"),
    "route53": ("route53",),
    "s3": ("s3",),
    "scaling": ("autoscaling",),
    "sharing": ("ec2",),
    "sts": ("sts",),
}
MOVES = ("LoadBalancerTargetGroups", "LoadBalancers", "TrafficSources")


@dataclass(frozen=True)
class Dependent:
    """An action that AWS asks for in the name of others. `always`: it is in the policy, whoever's fleet it is."""

    action: str
    of: tuple[str, ...]
    when: str
    always: bool = True

    @property
    def words(self) -> str:
        names = " or ".join(f"`{name}`" for name in self.of)
        return f"with {names}, when {self.when}"


CREATE, UPDATE = "autoscaling:CreateAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup"
DEPENDENT = (
    Dependent("cloudwatch:TagResource", ("cloudwatch:PutMetricAlarm",), "it is made with tags"),
    Dependent("ec2:CreateTags", (CREATE, UPDATE), "the launch template tags what it launches"),
    Dependent(
        "ec2:CreateTags",
        ("ec2:CopyImage", "ec2:CreateImage", "ec2:CreateLaunchTemplate", "ec2:CreateSecurityGroup", "ec2:RunInstances"),
        "it is made with tags",
    ),
    Dependent("ec2:RunInstances", (CREATE, UPDATE), "it is given a launch template version"),
    Dependent(
        "elasticloadbalancing:AddTags",
        tuple(f"elasticloadbalancing:Create{each}" for each in ("Listener", "LoadBalancer", "Rule", "TargetGroup")),
        "it is made with tags",
    ),
    Dependent(
        "iam:PassRole",
        (CREATE, UPDATE, "ec2:RunInstances"),
        "the launch template or the recipe names an instance profile, or a lifecycle hook a role; for that role alone",
        always=False,
    ),
    Dependent(
        "iam:CreateServiceLinkedRole",
        (CREATE,),
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


@cache
def declared() -> dict[str, frozenset[str]]:
    """What each step kind and driver says that it calls, by its name."""
    from apps.deployments import drivers
    from apps.workflows import kinds

    found = {f"driver {slug}": frozenset(driver.calls) for slug, driver in drivers.all().items()}
    for slug in kinds.slugs():
        kind: Any = kinds.kind(slug)
        by_parameter = chain.from_iterable(getattr(kind, "calls_by", {}).values())
        found[slug] = frozenset((*getattr(kind, "calls", ()), *by_parameter))
    return found


def rows() -> Iterator[Row]:
    """Every permission, in their order."""
    of = {each.action: [one for one in DEPENDENT if one.action == each.action] for each in DEPENDENT}
    ours = called().union(*declared().values())
    for action in sorted(ours | of.keys()):
        words = [_caller(action)] if action in ours else []
        words += [each.words for each in of.get(action, ())]
        yield Row(action, "; ".join(words), action in ours or any(each.always for each in of[action]))


def granted() -> tuple[str, ...]:
    """The permissions that every fleet needs."""
    return tuple(row.action for row in rows() if row.always)


def blocks() -> dict[str, Any]:
    """The documents of the page on connecting an account, by their names there."""
    always = granted()
    return {
        "trust": iam_policy.trust(),
        "assume": iam_policy.assume(),
        "look": iam_policy.allowing(always, reading=True),
        "change": iam_policy.allowing(always, reading=False),
        "pass-role": iam_policy.allowing(["iam:PassRole"]),
        "service-linked-role": iam_policy.allowing(["iam:CreateServiceLinkedRole"]),
        "by-tag": iam_policy.by_tag(always),
        "key-policy": iam_policy.key_policy(),
    }


def connected() -> str:
    """The page on connecting an account as it is, with its documents as they should be. Raises KeyError for others."""
    known = {name: f"{json.dumps(block, indent=2)}\n" for name, block in blocks().items()}
    return BLOCK.sub(lambda found: found[1] + known[found[2]] + found[4], CONNECT.read_text())


def page() -> str:
    """The reference page."""
    lines = [
        f"| `{row.action}` | {row.used_by} | {scope_of(row.action).on} | {'yes' if row.always else 'if so'} |"
        for row in rows()
    ]
    keys = [f"| `{action}` | {why} |" for action, why in iam_policy.KEY_ROWS.items()]
    return _PAGE.format(rows="\n".join(lines), keys="\n".join(keys))


def _caller(action: str) -> str:
    if action.partition(":")[2].startswith(READING):
        return "reading"
    users = sorted(slug for slug, calls in declared().items() if action in calls)
    return ", ".join(users) or "clean-ups and repairs"


_PAGE = """\
# Permissions

What the console's role needs in each account; made out of the code by `tools/iam.py`, and tried row by row: without a
row the embedded cloud refuses the call by the action's name, with it it does not. The policies to paste are in
[Connect an AWS account](../how-to/connect-an-account.md); "if so" says that it is needed only by a fleet that is so.

| permission | by which step, or why | narrowed to | always |
|---|---|---|---|
{rows}

## What a key of your own in KMS must allow

Where a group's volumes, or its AMI, are encrypted with a key of yours, AWS launches its instances as
`AWSServiceRoleForAutoScaling`, and neither asks for the console's role nor heeds its policy. The key's own policy, or a
grant, must let that role do all of these. Tried row by row: without one the embedded cloud starts no instance.

| permission on the key | why |
|---|---|
{keys}

An AMI of another account starts only where that account shares it, its snapshots and their key.
"""


def main() -> int:
    """Writes both pages."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.static_settings")
    import django

    django.setup()
    PAGE.write_text(page())
    CONNECT.write_text(connected())
    print(f"{PAGE.relative_to(ROOT)} holds {len(list(rows()))} permissions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
