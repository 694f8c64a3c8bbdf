"""The policies of docs/how-to/connect-an-account.md, narrowed as far as AWS lets them be: whom the role trusts, what it
may read and change, which roles it may pass on, and what a key of KMS must let Auto Scaling do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]

ACCOUNT, CONSOLE = "111122223333", "444455556666"  # AWS's own examples: yours, and the one that the console runs in
REGION = "us-east-1"
ROLE, RUNS_AS = "deployconsole", "deployconsole-worker"
INSTANCES_ROLE = "web-instance"
SERVICE_ROLE = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
EXTERNAL_ID = "put-a-long-random-word-here"
TAG = ("deployed-by", "deployconsole")
READING = ("Describe", "Get", "List", "Simulate")
BUCKET = "arn:aws:s3:::your-bakes"
RUN_TAG = "deployconsole:run"  # on all that a run makes


@dataclass(frozen=True)
class Scope:
    """What some actions are narrowed to. `on` says it in words; an action belongs to the first scope that has it."""

    sid: str
    on: str
    resources: tuple[str, ...]
    service: str
    actions: tuple[str, ...] = ()  # none named: all of the service
    condition: Mapping[str, Any] = field(default_factory=dict)
    reading: bool = False
    also: tuple[str, ...] = ()  # actions that belong to another scope, and are allowed here besides

    def has(self, action: str) -> bool:
        service, _, name = action.partition(":")
        if self.reading != name.startswith(READING) or self.service not in ("*", service):
            return False
        return not self.actions or name in self.actions

    def allows(self, action: str) -> bool:
        """Whether it is among what is allowed besides."""
        service, _, name = action.partition(":")
        return service == self.service and name in self.also


def _arn(rest: str, account: str = ACCOUNT) -> str:
    service, _, resource = rest.partition(":")
    return f"arn:aws:{service}:*:{account}:{resource}"


IMAGES = (_arn("ec2:image/*", ""), _arn("ec2:snapshot/*", ""))  # whose ARNs name no account

SCOPES = (
    Scope("LookAtItself", "this role", (f"arn:aws:iam::{ACCOUNT}:role/{ROLE}",), "iam", reading=True),
    Scope(
        "LookInside",
        "instances",
        (_arn("ec2:instance/*"),),
        "ec2",
        ("DescribeInstanceAttribute", "GetConsoleOutput"),
        reading=True,
    ),
    Scope("ReadReports", "the bucket that you name", (f"{BUCKET}/*",), "s3", ("GetObject",), reading=True),
    Scope("LookAtZones", "hosted zones; they are of no region", ("*",), "route53", reading=True),
    Scope("LookAtKeys", "keys of KMS, where AMIs are encrypted with them", ("*",), "kms", reading=True),
    Scope(
        "Look",
        "regions; AWS takes no resource here",
        ("*",),
        "*",
        condition={"StringEquals": {"aws:RequestedRegion": [REGION]}},
        reading=True,
    ),
    Scope("ChangeGroups", "groups", (_arn("autoscaling:autoScalingGroup:*:autoScalingGroupName/*"),), "autoscaling"),
    Scope(
        "ChangeTemplates",
        "launch templates",
        (_arn("ec2:launch-template/*"),),
        "ec2",
        (
            "CreateLaunchTemplate",
            "CreateLaunchTemplateVersion",
            "DeleteLaunchTemplate",
            "DeleteLaunchTemplateVersions",
        ),
    ),
    Scope(
        "Launch",
        "what is the account's own, and AMIs and their snapshots, whosesoever",
        (_arn("ec2:*"), *IMAGES),
        "ec2",
        ("RunInstances",),
    ),
    Scope(
        "MakeImages",
        "instances, AMIs and their snapshots",
        (_arn("ec2:instance/*"), *IMAGES),
        "ec2",
        ("CopyImage", "CreateImage"),
    ),
    Scope(
        "MakeSecurityGroups",
        "security groups, and the VPC that they are made in",
        (_arn("ec2:security-group/*"), _arn("ec2:vpc/*")),
        "ec2",
        ("CreateSecurityGroup",),
    ),
    Scope(
        "ChangeItsSecurityGroups",
        "security groups that a run of the console made, by its tag",
        (_arn("ec2:security-group/*"),),
        "ec2",
        ("AuthorizeSecurityGroupIngress", "DeleteSecurityGroup"),
        {"Null": {f"aws:ResourceTag/{RUN_TAG}": "false"}},
    ),
    Scope(
        "EndWhatItMade",
        "builders, AMIs and snapshots that a run of the console made, by its tag",
        (_arn("ec2:instance/*"), *IMAGES),
        "ec2",
        ("DeleteSnapshot", "DeregisterImage", "TerminateInstances"),
        {"Null": {f"aws:ResourceTag/{RUN_TAG}": "false"}},
    ),
    Scope(
        "TagWhatIsMade",
        "what the same call makes; and, to promote them, AMIs and their snapshots",
        (_arn("ec2:*/*"), *IMAGES),
        "ec2",
        ("CreateTags",),
        {
            "StringEquals": {
                "ec2:CreateAction": [
                    *("CopyImage", "CreateImage", "CreateLaunchTemplate", "CreateSecurityGroup", "RunInstances"),
                ]
            }
        },
    ),
    Scope(
        "ShareImages",
        "AMIs and their snapshots",
        IMAGES,
        "ec2",
        ("ModifyImageAttribute", "ModifySnapshotAttribute"),
    ),
    Scope("TagWhatIsShared", "AMIs and their snapshots", IMAGES, "ec2", ("DeleteTags",), also=("CreateTags",)),
    Scope(
        "TagBalancing",
        "what the same call makes",
        tuple(
            _arn(f"elasticloadbalancing:{kind}/*")
            for kind in ("targetgroup", "loadbalancer/app", "listener/app", "listener-rule/app")
        ),
        "elasticloadbalancing",
        ("AddTags",),
        {
            "StringEquals": {
                "elasticloadbalancing:CreateAction": [
                    *("CreateListener", "CreateLoadBalancer", "CreateRule", "CreateTargetGroup"),
                ]
            }
        },
    ),
    Scope(
        "ChangeBalancing",
        "load balancers, target groups, listeners and rules",
        tuple(
            _arn(f"elasticloadbalancing:{kind}/*")
            for kind in (
                *("targetgroup", "loadbalancer/app"),
                *("listener/app", "listener/net", "listener-rule/app", "listener-rule/net"),
            )
        ),
        "elasticloadbalancing",
    ),
    Scope("ChangeRecords", "hosted zones", ("arn:aws:route53:::hostedzone/*",), "route53"),
    Scope("TakeReports", "the bucket that you name", (f"{BUCKET}/*",), "s3", ("PutObject",)),
    Scope("ChangeAlarms", "alarms", (_arn("cloudwatch:alarm:*"),), "cloudwatch"),
    Scope(
        "PassRoles",
        "roles that you name",
        (f"arn:aws:iam::{ACCOUNT}:role/{INSTANCES_ROLE}",),
        "iam",
        ("PassRole",),
        {"StringEquals": {"iam:PassedToService": ["autoscaling.amazonaws.com", "ec2.amazonaws.com"]}},
    ),
    Scope(
        "MakeServiceRole",
        "that one role",
        (f"arn:aws:iam::{ACCOUNT}:{SERVICE_ROLE}",),
        "iam",
        ("CreateServiceLinkedRole",),
        {"StringEquals": {"iam:AWSServiceName": "autoscaling.amazonaws.com"}},
    ),
)

KEY_ROWS = {  # what a key must let AWSServiceRoleForAutoScaling do, and why
    "kms:CreateGrant": "so that EC2 may use the key for the volume, as long as it is attached",
    "kms:Decrypt": "the volume's own key is kept encrypted",
    "kms:DescribeKey": "whether it can be used is looked at before the launch",
    "kms:Encrypt": "as AWS asks for",
    "kms:GenerateDataKey*": "each volume has a key of its own",
    "kms:ReEncrypt*": "an encrypted snapshot becomes a volume under another key",
}


def scope_of(action: str) -> Scope:
    """What an action is narrowed to. Raises LookupError for one of a service that no scope knows."""
    found = next((scope for scope in SCOPES if scope.has(action)), None)
    if found is None:
        raise LookupError(f"{action} belongs to no scope: say in tools/iam_policy.py what it is narrowed to")
    return found


def allowing(actions: Collection[str], *, reading: bool | None = None) -> Document:
    """A policy that allows these actions, those that read or those that change alone where it is said."""
    statements = []
    for scope in SCOPES:
        mine = sorted(action for action in actions if scope_of(action) is scope or scope.allows(action))
        if mine and reading in (None, scope.reading):
            statements.append(_statement(scope, mine))
    return _document(*statements)


def trust() -> Document:
    """Who may assume the role, and with which external id."""
    return _document(
        {
            "Sid": "TheConsole",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{CONSOLE}:role/{RUNS_AS}"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
        }
    )


def assume() -> Document:
    """What the console's own identity needs, and nothing else."""
    resource = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
    return _document({"Sid": "Assume", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource})


def by_tag(actions: Collection[str]) -> Document:
    """`ChangeGroups` narrowed to groups that have a tag, instead of by their names."""
    scope = next(scope for scope in SCOPES if scope.sid == "ChangeGroups")
    mine = sorted(action for action in actions if scope_of(action) is scope)
    key, value = TAG
    return {**_statement(scope, mine), "Condition": {"StringEquals": {f"autoscaling:ResourceTag/{key}": value}}}


def key_policy(rows: Collection[str] = tuple(KEY_ROWS)) -> list[Document]:
    """Statements for the policy of a key, of these rows."""
    principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:{SERVICE_ROLE}"}
    plain = sorted(set(rows) - {"kms:CreateGrant"})
    use = {"Sid": "AutoScalingUsesTheKey", "Effect": "Allow", "Principal": principal, "Action": plain, "Resource": "*"}
    grant = {
        "Sid": "AutoScalingGrantsItToEC2",
        "Effect": "Allow",
        "Principal": principal,
        "Action": "kms:CreateGrant",
        "Resource": "*",
        "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
    }
    return [use, grant] if "kms:CreateGrant" in rows else [use]


def _statement(scope: Scope, actions: list[str]) -> Document:
    found: Document = {"Sid": scope.sid, "Effect": "Allow", "Action": actions, "Resource": list(scope.resources)}
    if scope.resources == ("*",):
        found["Resource"] = "*"
    return {**found, "Condition": dict(scope.condition)} if scope.condition else found


def _document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}
