"""Problem details (RFC 9457) in words, and the exit code each deserves."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

import httpx

from apps.cli.documents import Document, listed, text
from apps.cli.exits import CommandFailed, Exit

EXITS: dict[int, Exit] = {
    HTTPStatus.UNAUTHORIZED: Exit.NOT_SIGNED_IN,
    HTTPStatus.BAD_GATEWAY: Exit.UNREACHABLE,
    HTTPStatus.SERVICE_UNAVAILABLE: Exit.UNREACHABLE,
    HTTPStatus.GATEWAY_TIMEOUT: Exit.UNREACHABLE,
}


def failure(response: httpx.Response) -> CommandFailed:
    """What to raise for an answer that is an error."""
    status = response.status_code
    refused = Exit.REFUSED if status < HTTPStatus.INTERNAL_SERVER_ERROR else Exit.FAILED
    code = EXITS.get(status, refused)
    problem = _problem(response)
    sentences = list(_sentences(problem))
    if code is Exit.NOT_SIGNED_IN:
        sentences.append("Sign in with `deployconsole login`.")
    return CommandFailed(code, *sentences, problem=problem)


def _problem(response: httpx.Response) -> Document:
    try:
        content = response.json()
    except ValueError:
        content = None
    if isinstance(content, dict):
        return content
    return {"title": f"{response.status_code} {response.reason_phrase}", "detail": "", "status": response.status_code}


def _sentences(problem: Document) -> Iterator[str]:
    """The detail, then what it is about; findings and field errors one a line."""
    title, detail = text(problem, "title"), text(problem, "detail")
    findings, errors = listed(problem, "findings"), listed(problem, "errors")
    yield f"{title}: {detail}" if title and detail and not (findings or errors) else title or detail
    for finding in findings:
        yield f"  {found(finding)}"
    for error in errors:
        field = text(error, "field")
        yield f"  {field}: {text(error, 'detail')}" if field else f"  {text(error, 'detail')}"
    owner, run = text(problem, "owner"), text(problem, "run")
    if owner and owner not in detail:
        yield f"  The cluster is being changed by {owner} (run {run})."


def found(finding: Document) -> str:
    """What pre-flight saw, with the option that lets it through where there is one."""
    said = text(finding, "text", "detail")
    may_be = finding.get("overridable") is True and text(finding, "level") == "refuse"
    return f"{said} (--override {text(finding, 'code')} --reason …)" if may_be else said
