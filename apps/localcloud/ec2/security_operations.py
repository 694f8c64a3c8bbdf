"""DeleteSecurityGroup: refused, as on AWS, while something needs the group. All else of security groups is moto's."""

from __future__ import annotations

from collections.abc import Iterator

from apps.localcloud.ec2.backend import LoopbackEC2Backend, backend
from apps.localcloud.ec2.machines import machines
from apps.localcloud.ec2.tagging import forbid_dry_run
from apps.localcloud.elbv2.model import balancing
from apps.localcloud.errors import AwsError
from apps.localcloud.operations import Call, Result, operation


@operation("ec2", "DeleteSecurityGroup")
def delete_security_group(call: Call) -> Result:
    """By id or, in the default VPC, by name."""
    home = backend(call.account, call.region)
    group_id = str(call.params.get("GroupId") or "")
    if not group_id:
        named = home.get_security_group_from_name(str(call.params.get("GroupName") or ""))
        group_id = named.id if named else ""
    forbid_dry_run(call.params)
    if group_id in {*_of_machines(call), *_of_balancers(call), *_of_rules(home, group_id)}:
        raise AwsError("DependencyViolation", f"resource {group_id} has a dependent object")
    home.delete_security_group(group_id=group_id or None, name=call.params.get("GroupName"))
    return {"Return": True, "GroupId": group_id}


def _of_machines(call: Call) -> Iterator[str]:
    place = (call.account, call.region)
    for machine in machines(call.cloud).by_id.values():
        if (machine.account, machine.region) == place and machine.state != "terminated":
            yield from (group.id for group in machine.moto.security_groups)


def _of_balancers(call: Call) -> Iterator[str]:
    for balancer in balancing(call.cloud, call.account, call.region).load_balancers.values():
        yield from balancer.security_groups


def _of_rules(home: LoopbackEC2Backend, group_id: str) -> Iterator[str]:
    """The groups that another one's rules let in."""
    for group in home.describe_security_groups():
        for rule in (*group.ingress_rules, *group.egress_rules):
            if group.id != group_id and rule.source_group:
                yield str(rule.source_group.get("GroupId", ""))
