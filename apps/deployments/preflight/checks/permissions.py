"""Whether the role may make every call that the plan's steps, and their undo, make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from apps.cloud.aws import iam, launching, sts
from apps.cloud.errors import CloudError, Denied
from apps.cloud.values import Decision
from apps.deployments.errors import Finding, overridable
from apps.deployments.preflight.base import Looked, check

NOT_PERMITTED = overridable("not-permitted")

PROVED = frozenset({"ec2:RunInstances"})  # by a dry run of its own, with everything it depends on
READING = ("Describe", "Get", "List")
NO_ID = "0123456789abcdef"  # of a target group that is not made yet
_DRY_RUNS = frozenset({"CreateLaunchTemplateVersion", "DeleteLaunchTemplateVersions"})


@check("permissions", "whether the console's role may make every call of the plan")
def permissions(looked: Looked) -> Iterator[Finding]:
    """Refuses, unless overridden, what IAM's simulator denies; without the simulator, EC2's dry runs tell a part."""
    wanted = looked.actions - PROVED
    principal = sts.principal(looked.target)
    if not principal or not wanted:
        return
    try:
        decisions = _simulated(looked, principal, wanted)
    except CloudError as error:
        yield from _dry_runs(looked, wanted, error)
        return
    yield from _refused(
        action for action, decision in decisions.items() if not decision.allowed and not _open(decision)
    )
    unsure = sorted(action for action, decision in decisions.items() if _open(decision))
    if unsure:
        keys = sorted({key for decision in decisions.values() if _open(decision) for key in decision.missing})
        text = (
            f"It is unknown whether the console's role may call {', '.join(unsure)}: its policy depends on "
            f"{', '.join(keys)}. Look at its conditions."
        )
        yield Finding("warn", "unknown-permissions", text, unsure[0])


def _simulated(looked: Looked, principal: str, wanted: frozenset[str]) -> dict[str, Decision]:
    """The simulator's decision of each action; those denied for any resource are asked again for those of the plan."""
    tags = looked.serving.tags  # the next group has them too
    found = {each.action: each for each in iam.simulate(looked.target, principal, wanted, tags=tags)}
    missing = {action: Decision(action, "implicitDeny") for action in wanted - set(found)}
    denied = [each.action for each in found.values() if each.decision == "implicitDeny"]
    for resources, actions in _by_resources(looked, denied).items():
        if not resources:  # no rule of that kind is to be changed
            found |= {action: Decision(action, "allowed") for action in actions}
            continue
        answers = defaultdict(list)
        for each in iam.simulate(looked.target, principal, sorted(actions), resources, tags):
            answers[each.action].append(each)
        found |= {action: max(decisions, key=_badness) for action, decisions in answers.items()}
    return {**found, **missing}


def _badness(decision: Decision) -> int:
    """The worst of several resources decides: the plan calls them all."""
    return 0 if decision.allowed else 1 if _open(decision) else 2


def _by_resources(looked: Looked, actions: Iterable[str]) -> dict[tuple[str, ...], set[str]]:
    """The actions by the ARNs of what the plan would call them on: by these policies are narrowed."""
    arn, name = looked.serving.arn, looked.serving.name
    partition = arn.split(":")[1] if arn.count(":") > 1 else "aws"
    place = f"{looked.target.region}:{looked.target.account}"
    rules = looked.situation.rules
    made = [each["name"] for step in looked.preview.steps for each in step.params.get("like", ())]
    new = [f"arn:{partition}:elasticloadbalancing:{place}:targetgroup/{each}/{NO_ID}" for each in made]
    kept = [looked.situation.group(each.name) for each in looked.situation.kept]
    older = [arn for group in kept if group for arn in group.target_groups]
    named = {
        "autoscaling": (arn, arn.replace(name, looked.preview.to_group)),
        "ec2": (f"arn:{partition}:ec2:{place}:launch-template/{looked.template.id or '*'}",),
        "cloudwatch": (f"arn:{partition}:cloudwatch:{place}:alarm:*",),
        "ec2:CreateTags": (f"arn:{partition}:ec2:{place}:instance/*",),
        "elasticloadbalancing": (*new, *older),  # what the plan makes, and what it deletes
    }
    of_rules = {
        "elasticloadbalancing:ModifyListener": tuple(each.listener for each in rules if each.priority == "default"),
        "elasticloadbalancing:ModifyRule": tuple(each.arn for each in rules if each.priority != "default"),
    }
    found: dict[tuple[str, ...], set[str]] = {}
    for action in actions:
        service, _, operation = action.partition(":")
        if action in of_rules:
            found.setdefault(of_rules[action], set()).add(action)
            continue
        wanted = tuple(dict.fromkeys(filter(None, named.get(action, named.get(service, ())))))
        if wanted and not operation.startswith(READING):  # who may not read everything may not read
            found.setdefault(wanted, set()).add(action)
    return found


def _open(decision: Decision) -> bool:
    return decision.decision == "implicitDeny" and bool(decision.missing)


def _refused(actions: Iterable[str]) -> Iterator[Finding]:
    names = sorted(actions)
    if names:
        text = (
            f"The console's role may not call {', '.join(names)}, which the plan or its undo needs. "
            "Allow it in the role's policy, its boundary and the organization's policies."
        )
        yield Finding("refuse", NOT_PERMITTED, text, names[0])


def _dry_runs(looked: Looked, wanted: frozenset[str], why: CloudError) -> Iterator[Finding]:
    denied, proved = set(), set()
    for action in sorted(wanted):
        operation = action.partition(":")[2]
        if operation not in _DRY_RUNS:
            continue
        try:
            launching.try_template_change(looked.target, looked.template.id, operation)
            proved.add(action)
        except Denied:
            denied.add(action)
        except CloudError:  # it says nothing of the permission
            continue
    yield from _refused(denied)
    rest = sorted(wanted - proved - denied)
    if rest:
        text = (
            f"It is unknown whether the console's role may call {', '.join(rest)}: {str(why).rstrip('.')}. "
            "Allow iam:SimulatePrincipalPolicy for the role, or compare its policy with that of docs/how-to/"
            "connect-an-account.md."
        )
        yield Finding("warn", "unknown-permissions", text, "iam:SimulatePrincipalPolicy")
