"""The ELBv2 operations on listeners and their rules. Every change reaches the data plane before it is answered."""

from __future__ import annotations

from typing import Any

from apps.localcloud.elbv2.certificates import check_protocol, settings_of
from apps.localcloud.elbv2.checks import check_range, complete_actions, complete_conditions
from apps.localcloud.elbv2.limits import check_listeners, check_rules, check_used_groups
from apps.localcloud.elbv2.lists import page
from apps.localcloud.elbv2.model import Action, Balancing, Listener, LoadBalancer, Rule, balancing, new_arn
from apps.localcloud.elbv2.tags import given_tags
from apps.localcloud.errors import AwsError, validation_error
from apps.localcloud.operations import Call, Result, operation
from apps.localcloud.plane import push


def _state(call: Call) -> Balancing:
    return balancing(call.cloud, call.account, call.region)


def _listener_view(listener: Listener) -> dict[str, Any]:
    shown = {
        "ListenerArn": listener.arn,
        "LoadBalancerArn": listener.load_balancer,
        "Port": listener.port,
        "Protocol": listener.protocol,
        "DefaultActions": listener.default.actions,
    }
    if listener.certificate:
        shown |= {"Certificates": [{"CertificateArn": listener.certificate}], "SslPolicy": listener.ssl_policy}
    return shown


def _rule_view(rule: Rule) -> dict[str, Any]:
    return {
        "RuleArn": rule.arn,
        "Priority": "default" if rule.priority is None else str(rule.priority),
        "Conditions": rule.conditions,
        "Actions": rule.actions,
        "IsDefault": rule.priority is None,
    }


def _check_port(balancer: LoadBalancer, port: int, own: Listener | None = None) -> None:
    check_range("Port", port, 1, 65535)
    if any(one.port == port and one is not own for one in balancer.listeners.values()):
        raise AwsError(
            "DuplicateListener", f"A listener already exists on this port for this load balancer '{balancer.arn}'"
        )


@operation("elbv2", "CreateListener")
def create_listener(call: Call) -> Result:
    """A port of a balancer; refused when this machine does not let us bind it (ports below 1024, mostly)."""
    params, state = call.params, _state(call)
    balancer = state.load_balancer(params["LoadBalancerArn"])
    check_protocol(params.get("Protocol"))
    certificate, policy = settings_of(call)
    port = int(params.get("Port") or 0)
    _check_port(balancer, port)
    check_listeners(call, balancer)
    actions = _actions(call, params["DefaultActions"], balancer)
    path = "/".join(balancer.arn.split("/")[1:])
    arn = new_arn(call.account, call.region, f"listener/{path}")
    default = Rule(_rule_arn(call, arn), None, [], actions)
    listener = Listener(
        arn, balancer.arn, port, params["Protocol"], default, certificate=certificate, ssl_policy=policy
    )
    balancer.listeners[arn] = listener
    _push_or_undo(call, balancer, listener)
    state.tags[arn] = given_tags(params)
    return {"Listeners": [_listener_view(listener)]}


def _actions(call: Call, given: list[dict[str, Any]], balancer: LoadBalancer) -> list[Action]:
    state = _state(call)
    actions = complete_actions(state, given, balancer.arn)
    named = Rule("", None, [], actions).target_groups()
    check_used_groups(call, state, balancer, {arn for arn, _ in named})
    return actions


def _push(call: Call, balancer: str) -> None:
    """The balancer's listeners or rules were changed."""
    state = _state(call)
    state.replan(state.load_balancer(balancer))
    push(call.cloud)


def _push_or_undo(call: Call, balancer: LoadBalancer, listener: Listener) -> None:
    _push(call, balancer.arn)
    failure = call.cloud.data_plane.failures().get((balancer.address, listener.port))
    if failure is not None:
        del balancer.listeners[listener.arn]
        _push(call, balancer.arn)
        raise AwsError(
            "InvalidConfigurationRequest",
            f"This machine does not let the load balancer listen on {balancer.address}:{listener.port}: {failure}",
        )


def _rule_arn(call: Call, listener_arn: str) -> str:
    path = "/".join(listener_arn.split("/")[1:])
    return new_arn(call.account, call.region, f"listener-rule/{path}")


@operation("elbv2", "DescribeListeners")
def describe_listeners(call: Call) -> Result:
    """Of one balancer, or by ARN."""
    state = _state(call)
    if call.params.get("LoadBalancerArn"):
        found = list(state.load_balancer(call.params["LoadBalancerArn"]).listeners.values())
    elif call.params.get("ListenerArns"):
        found = [state.listener(arn) for arn in call.params["ListenerArns"]]
    else:
        raise validation_error("You must specify either listener ARNs or a load balancer ARN")
    shown, marker = page(found, call.params)
    return {"Listeners": [_listener_view(one) for one in shown], "NextMarker": marker}


@operation("elbv2", "ModifyListener")
def modify_listener(call: Call) -> Result:
    """Port and default actions; what is not given stays, and so do protocol and certificate."""
    params, state = call.params, _state(call)
    listener = state.listener(params["ListenerArn"])
    balancer = state.load_balancer(listener.load_balancer)
    if params.get("Protocol", listener.protocol) != listener.protocol or params.get("Certificates"):
        raise AwsError(
            "UnsupportedProtocol", "The embedded cloud changes neither protocol nor certificate of a listener"
        )
    if params.get("Port"):
        _check_port(balancer, int(params["Port"]), listener)
    if params.get("DefaultActions"):
        listener.default.actions = _actions(call, params["DefaultActions"], balancer)
    listener.port = int(params.get("Port") or listener.port)
    _push(call, balancer.arn)
    return {"Listeners": [_listener_view(listener)]}


@operation("elbv2", "DeleteListener")
def delete_listener(call: Call) -> Result:
    """With its rules."""
    state = _state(call)
    listener = state.listener(call.params["ListenerArn"])
    for rule in listener.ordered_rules():
        state.tags.pop(rule.arn, None)
    state.tags.pop(listener.arn, None)
    del state.load_balancer(listener.load_balancer).listeners[listener.arn]
    _push(call, listener.load_balancer)
    return None


@operation("elbv2", "DescribeListenerAttributes")
def describe_listener_attributes(call: Call) -> Result:
    """As they were set."""
    listener = _state(call).listener(call.params["ListenerArn"])
    return {"Attributes": [{"Key": key, "Value": value} for key, value in listener.attributes.items()]}


@operation("elbv2", "ModifyListenerAttributes")
def modify_listener_attributes(call: Call) -> Result:
    """Kept and described; none changes how the embedded cloud serves."""
    listener = _state(call).listener(call.params["ListenerArn"])
    listener.attributes.update({one["Key"]: one.get("Value") or "" for one in call.params["Attributes"]})
    return describe_listener_attributes(call)


def _check_priority(listener: Listener, priority: int, own: Rule | None = None) -> None:
    check_range("Rule priority", priority, 1, 50000)
    if any(one.priority == priority and one is not own for one in listener.rules.values()):
        raise AwsError("PriorityInUse", f"Priority '{priority}' is currently in use")


@operation("elbv2", "CreateRule")
def create_rule(call: Call) -> Result:
    """A rule of its own priority."""
    params, state = call.params, _state(call)
    listener = state.listener(params["ListenerArn"])
    priority = int(params["Priority"])
    _check_priority(listener, priority)
    balancer = state.load_balancer(listener.load_balancer)
    check_rules(call, balancer)
    conditions = complete_conditions(params["Conditions"])
    actions = _actions(call, params["Actions"], balancer)
    rule = Rule(_rule_arn(call, listener.arn), priority, conditions, actions)
    listener.rules[rule.arn] = rule
    state.tags[rule.arn] = given_tags(params)
    _push(call, listener.load_balancer)
    return {"Rules": [_rule_view(rule)]}


@operation("elbv2", "DescribeRules")
def describe_rules(call: Call) -> Result:
    """Of one listener, the default rule last; or by ARN."""
    state = _state(call)
    if bool(call.params.get("ListenerArn")) == bool(call.params.get("RuleArns")):
        raise validation_error("You must specify either listener rule ARNs or a listener ARN")
    if call.params.get("ListenerArn"):
        found = state.listener(call.params["ListenerArn"]).ordered_rules()
    else:
        found = [state.rule(arn)[1] for arn in call.params["RuleArns"]]
    shown, marker = page(found, call.params)
    return {"Rules": [_rule_view(one) for one in shown], "NextMarker": marker}


@operation("elbv2", "ModifyRule")
def modify_rule(call: Call) -> Result:
    """Conditions and actions; what is not given stays. The default rule is changed by its listener."""
    params, state = call.params, _state(call)
    listener, rule = state.rule(params["RuleArn"])
    if rule.priority is None:
        raise AwsError("OperationNotPermitted", f"Default rule '{rule.arn}' cannot be modified")
    conditions = complete_conditions(params["Conditions"]) if params.get("Conditions") else rule.conditions
    if params.get("Actions"):
        rule.actions = _actions(call, params["Actions"], state.load_balancer(listener.load_balancer))
    rule.conditions = conditions
    _push(call, listener.load_balancer)
    return {"Rules": [_rule_view(rule)]}


@operation("elbv2", "DeleteRule")
def delete_rule(call: Call) -> Result:
    """Not the default rule."""
    state = _state(call)
    listener, rule = state.rule(call.params["RuleArn"])
    if rule.priority is None:
        raise AwsError("OperationNotPermitted", f"Default rule '{rule.arn}' cannot be deleted")
    del listener.rules[rule.arn]
    state.tags.pop(rule.arn, None)
    _push(call, listener.load_balancer)
    return None


@operation("elbv2", "SetRulePriorities")
def set_rule_priorities(call: Call) -> Result:
    """All at once, so that two rules may change places."""
    state = _state(call)
    changes = [(state.rule(one["RuleArn"]), int(one["Priority"])) for one in call.params["RulePriorities"]]
    moved = {rule.arn for (_, rule), _ in changes}
    for (listener, _), priority in changes:
        check_range("Rule priority", priority, 1, 50000)
        if any(one.priority == priority and one.arn not in moved for one in listener.rules.values()):
            raise AwsError("PriorityInUse", f"Priority '{priority}' is currently in use")
    for (_, rule), priority in changes:
        rule.priority = priority
    for balancer in {listener.load_balancer for (listener, _), _ in changes}:
        _push(call, balancer)
    return {"Rules": [_rule_view(rule) for (_, rule), _ in changes]}
