"""The one error that handlers raise: it becomes an AWS error in the caller's own protocol."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class AwsError(ServiceException):
    """An error with AWS's code and message; `status` is the HTTP status (AWS mostly answers 400)."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(code, message)
        self.status = status


def validation_error(message: str) -> AwsError:
    """What Auto Scaling and ELBv2 answer to a request that is well-formed and cannot be."""
    return AwsError("ValidationError", message)
