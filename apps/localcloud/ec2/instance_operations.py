"""The EC2 operations on instances: run, describe, stop, start, reboot, terminate, console output."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPES

from apps.localcloud.cloud import Cloud, now
from apps.localcloud.ec2 import filters
from apps.localcloud.ec2.instance_view import GETTERS, machine_tags, reservations, status
from apps.localcloud.ec2.launching import Launch, check, launch
from apps.localcloud.ec2.machines import BY_USER, Machine, boot, machines, reboot, shut_down, stop
from apps.localcloud.ec2.tagging import forbid_dry_run, specified_tags
from apps.localcloud.ec2.templates import Template, Version, templates
from apps.localcloud.ec2.tokens import made_before, remember
from apps.localcloud.errors import AwsError
from apps.localcloud.operations import Call, Result, operation
from apps.localcloud.wire import Params


@operation("ec2", "RunInstances")
def run_instances(call: Call) -> Result:
    """A reservation of pending instances; a launch template's members hold where the request gives none."""
    params = call.params
    most = int(params.get("MaxCount") or 1)
    if not 1 <= int(params.get("MinCount") or 1) <= most:
        raise AwsError("InvalidParameterValue", "Value for parameter minCount must be between 1 and maxCount.")
    repeated = _launched_before(call)
    if repeated:
        return reservations(repeated)[0]
    specified_tags(params, ("instance", "volume", "network-interface", "spot-instances-request"))
    template = _template(call)
    data = {**(template[1].data if template else {}), **_given(params)}
    wanted = Launch(
        account=call.account,
        region=call.region,
        data=data,
        count=most,
        template=template,
        client_token=params.get("ClientToken") or "",
    )
    check(call.cloud, wanted)
    forbid_dry_run(params)
    launched = launch(call.cloud, wanted)
    remember(call, [one.id for one in launched], among="launches")
    return reservations(launched)[0]


def _given(params: Params) -> dict[str, Any]:
    about_the_call = ("MinCount", "MaxCount", "ClientToken", "DryRun", "LaunchTemplate")
    return {key: value for key, value in params.items() if key not in about_the_call and value is not None}


def _launched_before(call: Call) -> list[Machine]:
    known = machines(call.cloud).by_id
    return [known[one] for one in made_before(call, among="launches") if one in known]


def _template(call: Call) -> tuple[Template, Version] | None:
    named = call.params.get("LaunchTemplate")
    if not named:
        return None
    store = templates(call.cloud, call.account, call.region)
    template = store.find(named.get("LaunchTemplateId"), named.get("LaunchTemplateName"))
    return template, template.version(str(named.get("Version") or "$Default"))


def _named(call: Call, required: bool = True) -> list[Machine]:
    ids = call.params.get("InstanceIds") or []
    if required and not ids:
        raise AwsError("MissingParameter", "The request must contain the parameter InstanceId")
    found = [machines(call.cloud).find(call.account, call.region, one) for one in ids]
    missing = [one for one, machine in zip(ids, found, strict=True) if machine is None]
    if missing:
        noun = "ID" if len(missing) == 1 else "IDs"
        verb = "does" if len(missing) == 1 else "do"
        raise AwsError("InvalidInstanceID.NotFound", f"The instance {noun} '{', '.join(missing)}' {verb} not exist")
    return [one for one in found if one is not None]


@operation("ec2", "DescribeInstances")
def describe_instances(call: Call) -> Result:
    """By ids or filters, page by page (a page counts instances, not reservations)."""
    if call.params.get("InstanceIds") and call.params.get("MaxResults"):
        raise AwsError(
            "InvalidParameterCombination",
            "The parameter instancesSet cannot be used with the parameter maxResults",
        )
    candidates = _named(call, required=False) or machines(call.cloud).of(call.account, call.region)
    found = filters.select(candidates, call.params.get("Filters") or [], GETTERS, machine_tags)
    shown, token = filters.page(found, call.params, default=1000)
    return {"Reservations": reservations(list(shown)), "NextToken": token}


@operation("ec2", "DescribeInstanceStatus")
def describe_instance_status(call: Call) -> Result:
    """Status checks of running instances, or of all when asked so."""
    candidates = _named(call, required=False) or machines(call.cloud).of(call.account, call.region)
    getters = {
        **{name: GETTERS[name] for name in ("availability-zone", "instance-state-name", "instance-state-code")},
        "instance-status.status": lambda one: [str(status(one)["InstanceStatus"]["Status"])],
        "system-status.status": lambda one: [str(status(one)["SystemStatus"]["Status"])],
    }
    found = filters.select(candidates, call.params.get("Filters") or [], getters, machine_tags)
    if not call.params.get("IncludeAllInstances"):
        found = [one for one in found if one.state == "running"]
    shown, token = filters.page(found, call.params, default=1000)
    return {"InstanceStatuses": [status(one) for one in shown], "NextToken": token}


def _change(call: Call, change: Callable[[Cloud, Machine], None]) -> list[dict[str, Any]]:
    changed = _named(call)
    forbid_dry_run(call.params)
    told = []
    for machine in changed:
        before = {"Code": machine.moto.state_code, "Name": machine.state}
        change(call.cloud, machine)
        after = {"Code": machine.moto.state_code, "Name": machine.state}
        told.append({"InstanceId": machine.id, "PreviousState": before, "CurrentState": after})
    return told


@operation("ec2", "TerminateInstances")
def terminate_instances(call: Call) -> Result:
    """Shutting down; terminated once the process has ended. Protected instances refuse the whole call."""
    for machine in _named(call):
        if machine.moto.disable_api_termination and not machine.ends:
            raise AwsError(
                "OperationNotPermitted",
                f"The instance '{machine.id}' may not be terminated. Modify its 'disableApiTermination' instance"
                " attribute and try again.",
            )
    return {"TerminatingInstances": _change(call, lambda cloud, one: shut_down(cloud, one, *BY_USER))}


@operation("ec2", "StopInstances")
def stop_instances(call: Call) -> Result:
    """Stopping; stopped once the process has ended."""
    for machine in _named(call):
        if machine.ends:
            raise _wrong_state(machine, "stopped")
    return {"StoppingInstances": _change(call, stop)}


@operation("ec2", "StartInstances")
def start_instances(call: Call) -> Result:
    """Boots stopped instances out of their trees again; their user data runs again too, for what it exports."""
    for machine in _named(call):
        if machine.state not in ("stopped", "running", "pending"):
            raise _wrong_state(machine, "started")

    def start(cloud: Cloud, machine: Machine) -> None:
        if machine.state == "stopped":
            machine.launched = now()
            boot(cloud, machine)

    return {"StartingInstances": _change(call, start)}


@operation("ec2", "RebootInstances")
def reboot_instances(call: Call) -> Result:
    """Ends the services and starts them again."""
    _change(call, reboot)
    return None


def _wrong_state(machine: Machine, wanted: str) -> AwsError:
    return AwsError(
        "IncorrectInstanceState",
        f"The instance '{machine.id}' is not in a state from which it can be {wanted}.",
    )


@operation("ec2", "GetConsoleOutput")
def get_console_output(call: Call) -> Result:
    """What boot, user data and service printed: always the newest, which on AWS only Latest gives, of newer types."""
    machine = machines(call.cloud).find(call.account, call.region, call.params["InstanceId"])
    if machine is None:
        raise AwsError("InvalidInstanceID.NotFound", f"The instance ID '{call.params['InstanceId']}' does not exist")
    if call.params.get("Latest") and INSTANCE_TYPES[machine.moto.instance_type].get("Hypervisor") == "xen":
        raise AwsError("UnsupportedOperation", "This instance type does not support retrieving the latest console logs")
    printed = call.cloud.fleet.console_output(machine.id)
    return {"InstanceId": machine.id, "Timestamp": now(), "Output": base64.b64encode(printed).decode()}
