"""The one place where botocore's errors become ours (`apps.cloud.errors`)."""

from __future__ import annotations

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from apps.cloud import errors

THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "SlowDown",
        # Auto Scaling: another change of the same group is being written; ours took no effect
        "ResourceContention",
    }
)
DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthFailure",
        "Blocked",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "MissingAuthenticationToken",
        "NotAuthorized",
        "OptInRequired",
        "OperationNotPermitted",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
    }
)
IN_USE = frozenset(
    {
        "DependencyViolation",
        "InvalidSnapshot.InUse",
        "ResourceInUse",
        "ResourceInUseException",
        "ResourceInUseFault",
        "ScalingActivityInProgress",
        "ScalingActivityInProgressFault",
    }
)
NOT_FOUND = frozenset(
    {
        "InvalidAMIID.Unavailable",
        "NoSuchBucket",
        "NoSuchEntity",
        "NoSuchKey",
        "ResourceNotFound",
        "ResourceNotFoundException",
    }
)
UNAVAILABLE = frozenset(
    {"InternalError", "InternalFailure", "InternalServerError", "RequestTimeout", "ServiceUnavailable", "Unavailable"}
)

_TABLE: tuple[tuple[frozenset[str], type[errors.CloudError]], ...] = (
    (THROTTLED, errors.Throttled),
    (DENIED, errors.Denied),
    (IN_USE, errors.InUse),
    (NOT_FOUND, errors.NotFound),
    (UNAVAILABLE, errors.Unavailable),
)

# whatever a client's method raises; transport errors slip through botocore now and then
RAISED = (boto.BotoCoreError, boto.ClientError, ResponseParserError, HTTPError, OSError)

_UNREACHABLE = (boto.HTTPClientError, boto.ConnectionError, boto.ResponseStreamingError, boto.EventStreamError)
_NO_CREDENTIALS = (boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError)


def translate(error: Exception, operation: str) -> errors.CloudError:
    """Our error for one of botocore's or of the transport below it; `operation` as AWS names it."""
    if isinstance(error, boto.ClientError):
        return _from_answer(error, operation)
    if isinstance(error, ResponseParserError):
        return errors.Unavailable(f"AWS's answer to {operation} could not be read: {error}", operation=operation)
    if isinstance(error, _NO_CREDENTIALS):
        return errors.Unavailable(f"There are no usable credentials for {operation}: {error}", operation=operation)
    if isinstance(error, _UNREACHABLE) or not isinstance(error, boto.BotoCoreError):
        return errors.Unavailable(f"AWS gave no answer to {operation}: {error}", operation=operation)
    return errors.Invalid(f"{operation} could not be sent: {error}", operation=operation)


def _from_answer(error: boto.ClientError, operation: str) -> errors.CloudError:
    answer = error.response.get("Error", {})
    code, message = answer.get("Code", ""), answer.get("Message", "") or str(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kind = _kind(code, message, status)
    # a role that could not be assumed fails inside another call: name the call that failed
    failed = getattr(error, "operation_name", "") or operation
    return kind(f"{failed}: {message}", operation=failed, code=code)


def _kind(code: str, message: str, status: int) -> type[errors.CloudError]:
    for codes, kind in _TABLE:
        if code in codes:
            return kind
    if status == 429:
        return errors.Throttled
    if status >= 500:
        return errors.Unavailable
    if "AlreadyExists" in code or "Duplicate" in code:
        return errors.AlreadyExists
    if "NotFound" in code or _says_not_found(code, message):
        return errors.NotFound
    return errors.Invalid


def _says_not_found(code: str, message: str) -> bool:
    """Auto Scaling has no code of its own for an unknown group: it answers ValidationError and says so in words."""
    words = message.lower()
    return code == "ValidationError" and ("not found" in words or "does not exist" in words)
