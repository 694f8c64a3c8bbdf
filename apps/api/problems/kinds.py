"""The kinds of problem that the API tells apart, beside DRF's own."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from rest_framework import exceptions


class Problem(exceptions.APIException):
    """A problem with its own type; `members` are added to the answer as they are."""

    status_code = HTTPStatus.BAD_REQUEST
    slug = ""
    headers: Mapping[str, str] = {}

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.members = members


class BodyTooLarge(Problem):
    """The body is larger than any request of ours."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    slug = "body-too-large"


class NoLength(Problem):
    """The body came without its length, and would have been taken for an empty one."""

    status_code = HTTPStatus.LENGTH_REQUIRED
    slug = "length-required"


class Busy(Problem):
    """The cluster is being changed by somebody else; `owner` and `run` say by whom."""

    status_code = HTTPStatus.CONFLICT
    slug = "busy"


class NotPossibleNow(Problem):
    """The thing is in a state in which this cannot be done."""

    status_code = HTTPStatus.CONFLICT
    slug = "not-possible-now"


class ChangedMeanwhile(Problem):
    """It was changed since the caller read what it wants to change."""

    status_code = HTTPStatus.PRECONDITION_FAILED
    slug = "changed-meanwhile"


class Refused(Problem):
    """Well-formed, but not to be done: `findings` say why."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    slug = "refused"


class Invalid(exceptions.ValidationError):
    """Well-formed, but it names what is not there or may not be; `errors` name the fields."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    slug = "invalid"


class KeyReused(Problem):
    """The Idempotency-Key was used before, with another request."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    slug = "idempotency-key-reused"


class KeyInUse(Problem):
    """A request with this Idempotency-Key is being carried out at this moment."""

    status_code = HTTPStatus.CONFLICT
    slug = "idempotency-key-in-use"
    headers = {"Retry-After": "1"}


class CloudSilent(Problem):
    """AWS did not answer, or throttled us."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    slug = "cloud-unavailable"
    headers = {"Retry-After": "5"}


class CloudRefused(Problem):
    """AWS answered, and refused: our role may not do this, or what was asked for is gone."""

    status_code = HTTPStatus.BAD_GATEWAY
    slug = "cloud-refused"


class DatabaseSilent(Problem):
    """The database did not answer."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    slug = "database-unavailable"
    headers = {"Retry-After": "5"}
