"""The handful of ways a call to the cloud can fail. Nothing of botocore leaves `apps.cloud.aws`."""

from __future__ import annotations


class CloudError(Exception):
    """A call to the cloud failed. `operation` is AWS's name of the call, `code` AWS's error code, if it gave one."""

    retryable = False

    def __init__(self, message: str, *, operation: str = "", code: str = "") -> None:
        super().__init__(message)
        self.operation = operation
        self.code = code


class Throttled(CloudError):
    """AWS asked us to slow down; the call took no effect."""

    retryable = True


class Unavailable(CloudError):
    """No answer, or a server error: the call may or may not have taken effect. Describe before repeating."""

    retryable = True


class NotFound(CloudError):
    """The named resource does not exist (or, just after creation, is not visible yet)."""


class AlreadyExists(CloudError):
    """The name is taken."""


class InUse(CloudError):
    """The resource cannot be changed while something else holds it, such as a scaling activity in progress."""

    retryable = True


class Denied(CloudError):
    """Our role may not do this."""


class Invalid(CloudError):
    """AWS refused the request's content; repeating it unchanged will not help."""


class LeaseTooShort(CloudError):
    """A changing call was not made, since the caller's lease could end before the call does."""

    retryable = True
