"""Every call to AWS goes through here: which client, when to repeat, whether it may be sent, who is told of it.

Reading calls (Describe, Get, List) are repeated a few times; changing calls never are: their caller looks whether
they took effect, then decides. Only errors of `apps.cloud.errors` leave.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from botocore import xform_name

from apps.cloud.aws import pace
from apps.cloud.aws.clients import client, forget, renew_credentials
from apps.cloud.aws.guard import CALL_TIMEOUT, changing_calls_before, check_lease, refuse_while_looking
from apps.cloud.aws.observe import observe, report
from apps.cloud.aws.translate import RAISED, translate
from apps.cloud.errors import CloudError, LeaseTooShort, Throttled, Unavailable
from apps.cloud.values import CallRecord, Target

__all__ = ["CALL_TIMEOUT", "call", "changing_calls_before", "forget", "observe", "pages"]

Answer = Mapping[str, Any]

_READING = ("Describe", "Get", "List", "Simulate")
_WOULD_SUCCEED = "DryRunOperation"  # the error by which EC2 says that a dry run found nothing wrong
_MARKERS = ("Marker", "NextMarker")
# in the request, in the answer
_PAGE_TOKENS = {"elb": _MARKERS, "elbv2": _MARKERS, "iam": ("Marker", "Marker"), "kms": _MARKERS}


def call(target: Target, service: str, operation: str, **parameters: object) -> Answer:
    """One call, as `call(target, "ec2", "DescribeImages", ImageIds=[...])`; returns AWS's answer or raises CloudError.

    Parameters that are None are left out. A dry run of EC2's is a reading call; it answers nothing, or raises.
    """
    sent = {name: value for name, value in parameters.items() if value is not None}
    if operation.startswith(_READING) or sent.get("DryRun"):
        return _read(target, service, operation, sent)
    return _change(target, service, operation, sent)


def pages(target: Target, service: str, operation: str, **parameters: object) -> Iterator[Answer]:
    """Every page of a reading call."""
    token_in, token_out = _PAGE_TOKENS.get(service, ("NextToken", "NextToken"))
    sent = {name: value for name, value in parameters.items() if value is not None}
    while True:
        answer = _read(target, service, operation, sent)
        yield answer
        token = answer.get(token_out)
        if not token:
            return
        if token == sent.get(token_in):
            raise Unavailable(f"{operation} answered the same page twice.", operation=operation)
        sent = {**sent, token_in: token}


def _change(target: Target, service: str, operation: str, parameters: dict[str, object]) -> Answer:
    refuse_while_looking(operation)
    try:
        # a role assumed inside the call would lengthen it beyond CALL_TIMEOUT
        renew_credentials(target)
    except RAISED as error:
        raise translate(error, operation) from error
    pace.wait_turn(target, service, operation, changing=True)
    try:
        check_lease(operation)
    except LeaseTooShort as error:
        report(CallRecord(service, operation, target, 0.0, "LeaseTooShort", True, str(error)))
        raise
    try:
        return _send(target, service, operation, parameters, changing=True)
    except Throttled:
        pace.throttled(target, service, changing=True)
        raise


def _read(target: Target, service: str, operation: str, parameters: dict[str, object]) -> Answer:
    began = time.monotonic()
    for attempt in range(1, pace.ATTEMPTS + 1):
        pace.wait_turn(target, service, operation, changing=False)
        try:
            return _send(target, service, operation, parameters, changing=False)
        except (Throttled, Unavailable) as error:
            if isinstance(error, Throttled):
                pace.throttled(target, service, changing=False)
            if attempt == pace.ATTEMPTS or time.monotonic() - began > pace.BUDGET:
                raise
            pace.back_off(attempt)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _send(target: Target, service: str, operation: str, parameters: dict[str, object], *, changing: bool) -> Answer:
    began = time.monotonic()
    outcome, message = "ok", ""
    try:
        method = getattr(client(target, service), xform_name(operation))
        answer: Answer = method(**parameters)
    except RAISED as error:
        translated: CloudError = translate(error, operation)
        if translated.code == _WOULD_SUCCEED:
            return {}
        outcome, message = type(translated).__name__, str(translated)
        raise translated from error
    finally:
        seconds = time.monotonic() - began
        report(CallRecord(service, operation, target, seconds, outcome, changing, message))
    return answer
