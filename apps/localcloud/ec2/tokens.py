"""Client tokens: the same request again answers what it made, another one with the same token is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from apps.localcloud.errors import AwsError
from apps.localcloud.operations import Call

Made = tuple[str, ...]  # ids, or whatever finds again what was made


@dataclass
class Tokens:
    """Of one account and region: what was made, and the request that it came with."""

    known: dict[str, tuple[Made, str]] = field(default_factory=dict)


def made_before(call: Call, *, among: str) -> Made:
    """What a request with the same token made; nothing if there was none. Raises AwsError if it asked for other things.

    `among`: the operations that share their tokens, by any name.
    """
    token = call.params.get("ClientToken")
    known = _tokens(call).get(f"{among} {token}") if token else None
    if known is None:
        return ()
    made, fingerprint = known
    if fingerprint != _fingerprint(call):
        raise AwsError(
            "IdempotentParameterMismatch",
            "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        )
    return made


def remember(call: Call, made: Sequence[str], *, among: str) -> None:
    """Has the call's token, if it has one, answer what it made from now on."""
    token = call.params.get("ClientToken")
    if token:
        _tokens(call)[f"{among} {token}"] = (tuple(made), _fingerprint(call))


def _tokens(call: Call) -> dict[str, tuple[Made, str]]:
    return call.cloud.state(Tokens, call.account, call.region).known


def _fingerprint(call: Call) -> str:
    return repr(sorted((key, value) for key, value in call.params.items() if key != "ClientToken"))
