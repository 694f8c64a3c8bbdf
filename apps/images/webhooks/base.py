"""What a webhook's format is: how a delivery is signed, and how its payload is read. One small file each."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apps.images.errors import Invalid
from apps.images.reported import Reported, ReportedOfCommit

SIGNATURE = "X-Hub-Signature-256"  # "sha256=" and the HMAC-SHA256 of the body in hexadecimal
Headers = Mapping[str, str]  # whatever the case of their names


@dataclass(frozen=True)
class Heard:
    """What a delivery tells: nothing, where `says` is why."""

    told: tuple[Reported | ReportedOfCommit, ...] = ()
    says: str = ""


def body_signed(body: bytes, headers: Headers, secret: str) -> bool:
    """Whether the header signs the body with the secret, as GitHub does it; compared in constant time."""
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), headers.get(SIGNATURE, "").strip().encode("utf-8", "replace"))


@dataclass(frozen=True)
class Format:
    """A build server's way to tell. `read` is given the hook's application, the headers and the JSON that came.

    It raises Invalid naming the member of the payload that is missing or wrong.
    """

    slug: str
    title: str
    summary: str
    read: Callable[[str, Headers, Any], Heard]
    signed: Callable[[bytes, Headers, str], bool] = body_signed


_formats: dict[str, Format] = {}


def register(made: Format) -> Format:
    """From now on webhooks can be of this format."""
    _formats[made.slug] = made
    return made


def all_formats() -> Mapping[str, Format]:
    """Every format by its slug, in the order of their slugs."""
    return {slug: _formats[slug] for slug in sorted(_formats)}


def member(payload: Any, path: str) -> Any:
    """What lies at the end of a dotted path; None where a part of the way is missing."""
    for name in path.split("."):
        payload = payload.get(name) if isinstance(payload, Mapping) else None
    return payload


def text(payload: Any, path: str, *, needed: bool = False) -> str:
    """The text there, a number as text, empty where there is none. Raises Invalid for anything else."""
    found = member(payload, path)
    if found is None:
        if needed:
            raise Invalid({path: ["It is missing, and needed."]})
        return ""
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        raise Invalid({path: ["This is a text."]})
    return str(found).strip()


def moment(payload: Any, path: str) -> datetime | None:
    """The instant there: ISO 8601 with an offset, or milliseconds since 1970; None where there is none or it is odd."""
    found = member(payload, path)
    try:
        if isinstance(found, int) and not isinstance(found, bool):
            return datetime.fromtimestamp(found / 1000, UTC)
        read = datetime.fromisoformat(found) if isinstance(found, str) else None
        return read.astimezone(UTC) if read and read.tzinfo else None
    except (ValueError, OverflowError, OSError):
        return None
