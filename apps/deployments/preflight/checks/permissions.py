"""Whether the role may make every call that the plan's steps, and their undo, make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.cloud.aws import iam, launching, sts
from apps.cloud.errors import CloudError, Denied
from apps.cloud.values import Decision
from apps.deployments.errors import Finding, overridable
from apps.deployments.preflight.base import Looked, check

NOT_PERMITTED = overridable("not-permitted")

PROVED = frozenset({"ec2:RunInstances"})  # by a dry run of its own, with everything it depends on
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
    found = {each.action: each for each in iam.simulate(looked.target, principal, wanted)}
    missing = {action: Decision(action, "implicitDeny") for action in wanted - set(found)}
    denied = [each.action for each in found.values() if each.decision == "implicitDeny"]
    resources = _resources(looked)
    if denied and resources:
        for each in iam.simulate(looked.target, principal, denied, resources):
            if each.allowed or (each.missing and not found[each.action].allowed):
                found[each.action] = each
    return {**found, **missing}


def _resources(looked: Looked) -> tuple[str, ...]:
    """ARNs that the plan's calls name, by which policies are narrowed."""
    target, template, arn = looked.target, looked.template, looked.serving.arn
    partition = arn.split(":")[1] if arn.count(":") > 1 else "aws"
    new = arn.replace(looked.serving.name, looked.preview.to_group)
    launch = f"arn:{partition}:ec2:{target.region}:{target.account}:launch-template/{template.id or '*'}"
    return tuple(dict.fromkeys(each for each in (arn, new, launch, *looked.serving.target_groups) if each))


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
            "Allow iam:SimulatePrincipalPolicy for the role, or compare its policy with that of the installation page."
        )
        yield Finding("warn", "unknown-permissions", text, "iam:SimulatePrincipalPolicy")
