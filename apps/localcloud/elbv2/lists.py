"""Choosing by ARN or name, and pages with markers, as every Describe operation of ELBv2 does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from apps.localcloud.errors import AwsError, validation_error
from apps.localcloud.wire import Params


class _Named(Protocol):
    @property
    def arn(self) -> str: ...
    @property
    def name(self) -> str: ...


Item = TypeVar("Item")
NamedItem = TypeVar("NamedItem", bound=_Named)


def choose(
    known: Mapping[str, NamedItem], arns: Sequence[str], names: Sequence[str], code: str, noun: str
) -> list[NamedItem]:
    """All, or those named; raises AwsError(`code`) when one is not there."""
    if arns and names:
        raise validation_error(f"{noun} names and {noun.lower()} ARNs cannot be specified at the same time")
    missing = [arn for arn in arns if arn not in known]
    by_name = {one.name: one for one in known.values()}
    missing += [name for name in names if name not in by_name]
    if missing:
        raise AwsError(code, f"{noun}s '[{', '.join(missing)}]' not found")
    if arns:
        return [known[arn] for arn in arns]
    return [by_name[name] for name in names] if names else list(known.values())


def page(items: Sequence[Item], params: Params) -> tuple[Sequence[Item], str | None]:
    """One page of at most 400 and the marker of the next."""
    marker = params.get("Marker") or "0"
    if not str(marker).isdigit():
        raise validation_error(f"The marker '{marker}' is not valid")
    start = int(marker)
    following = start + int(params.get("PageSize") or 400)
    return items[start:following], str(following) if following < len(items) else None
