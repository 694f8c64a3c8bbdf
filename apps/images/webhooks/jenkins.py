"""Jenkins, as its Notification plugin tells of builds.

That plugin neither signs nor sets headers; what it can send along is the name and password in the address, as Basic
authorization. So the secret is taken as a password too, over TLS; a pipeline that posts by itself signs the body.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any

from apps.images.errors import Invalid
from apps.images.models import Gate
from apps.images.reported import Reported, ReportedGate
from apps.images.webhooks.base import Format, Headers, Heard, body_signed, member, moment, register, text

ENDED = frozenset({"COMPLETED", "FINALIZED"})  # phases in which the result stands
OUTCOMES = {
    "SUCCESS": Gate.Outcome.PASSED,
    "UNSTABLE": Gate.Outcome.FAILED,
    "FAILURE": Gate.Outcome.FAILED,
    "ABORTED": Gate.Outcome.FAILED,
    "NOT_BUILT": Gate.Outcome.SKIPPED,
}
BUILD, UNIT = "build", "unit"  # gates of the job that builds: that it did, and its test results
HOW = "Give the job a parameter VERSION, or have the notification's notes say version=… in a line of their own."


def signed(body: bytes, headers: Headers, secret: str) -> bool:
    """By the signature of the body, or by the secret as password of Basic authorization."""
    return body_signed(body, headers, secret) or hmac.compare_digest(_password(headers), secret.encode())


def _password(headers: Headers) -> bytes:
    scheme, _, given = headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(given.strip().encode("ascii", "replace"), validate=True).partition(b":")[2]
    except binascii.Error:
        return b""


def read(application: str, headers: Headers, payload: Any) -> Heard:
    """The build of a job that has ended; or, with a parameter GATE, what such a job says of a build."""
    del headers
    phase = text(payload, "build.phase", needed=True)
    if phase not in ENDED:
        return Heard(says=f"Nothing is made of the phase {phase}.")
    said = _said(payload)
    version = said.get("version", "")
    if not version:
        raise Invalid({"build.parameters.VERSION": [f"The version is missing. {HOW}"]})
    gate = said.get("gate", "")
    url = text(payload, "build.full_url")
    reported = Reported(
        application,
        version,
        package=said.get("package", ""),
        number=said.get("tested_build", "") if gate else text(payload, "build.number"),
        commit=text(payload, "build.scm.commit"),
        branch=text(payload, "build.scm.branch").removeprefix("origin/"),
        url="" if gate else url,
        gates=tuple(_gates(payload, gate, url)),
    )
    return Heard((reported,))


def _said(payload: Any) -> dict[str, str]:
    """Parameters of the job and lines `name=value` of the notes, by names in small letters; the notes win."""
    parameters = member(payload, "build.parameters") or {}
    lines = (line.partition("=") for line in text(payload, "build.notes").splitlines())
    notes = {name.strip().lower(): value.strip() for name, equals, value in lines if equals}
    given = {str(name).lower(): str(value).strip() for name, value in parameters.items()} if _is(parameters) else {}
    return {**given, **notes}


def _is(parameters: Any) -> bool:
    if not isinstance(parameters, dict):
        raise Invalid({"build.parameters": ["This is an object."]})
    return True


def _gates(payload: Any, gate: str, url: str) -> list[ReportedGate]:
    status, at = text(payload, "build.status", needed=True), moment(payload, "build.timestamp")
    outcome = OUTCOMES.get(status)
    if outcome is None:
        raise Invalid({"build.status": [f"There is no result {status!r}; known are {', '.join(OUTCOMES)}."]})
    tests = _tests(payload)
    if gate:
        return [ReportedGate(gate, outcome, url, tests or status.lower(), at)]
    built = ReportedGate(BUILD, outcome, url, status.lower(), at)
    if not tests:
        return [built]
    failed = text(payload, "build.test_summary.failed") not in {"", "0"}
    return [
        built,
        ReportedGate(UNIT, Gate.Outcome.FAILED if failed else Gate.Outcome.PASSED, url, tests, at),
    ]


def _tests(payload: Any) -> str:
    """The job's test results in words; empty where it has none."""
    counts = {name: text(payload, f"build.test_summary.{name}") for name in ("passed", "failed", "skipped")}
    return ", ".join(
        f"{count} {name}" for name, count in counts.items() if count and (count != "0" or name == "passed")
    )


JENKINS = register(
    Format("jenkins", "Jenkins", "The Notification plugin's JSON, or a pipeline that posts the same.", read, signed)
)
