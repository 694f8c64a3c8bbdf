"""What AWS answers when it refuses, as botocore's errors; each service has its own code for the same thing."""

from __future__ import annotations

from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

ENDPOINT = "https://aws.example.com/"
THROTTLED = {"ec2": ("RequestLimitExceeded", 503)}
SERVER_ERROR = {"ec2": ("InternalError", 500), "autoscaling": ("InternalFailure", 500)}
DENIED = {"ec2": ("UnauthorizedOperation", 403)}


def code(service: str, fault: str) -> tuple[str, int]:
    """The error code and HTTP status of a service for throttle, server-error, error-after and deny."""
    if fault == "throttle":
        return THROTTLED.get(service, ("Throttling", 400))
    if fault == "deny":
        return DENIED.get(service, ("AccessDenied", 403))
    return SERVER_ERROR.get(service, ("ServiceUnavailable", 503))


def message(operation: str, fault: str) -> str:
    if fault == "throttle":
        return "Rate exceeded"
    if fault == "deny":
        return f"User: arn:aws:sts::000000000000:assumed-role/console is not authorized to perform: {operation}"
    return "An internal error has occurred"


def refusal(service: str, operation: str, fault: str) -> ClientError:
    """The error that botocore raises for AWS's own answer."""
    name, status = code(service, fault)
    error = {"Code": name, "Message": message(operation, fault), "Type": "Sender" if status < 500 else "Receiver"}
    return ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)  # type: ignore[typeddict-item]


def lost(fault: str) -> Exception:
    """The error that botocore raises when there is no answer."""
    if fault == "cut":
        return EndpointConnectionError(endpoint_url=ENDPOINT)
    if fault == "late":
        return ReadTimeoutError(endpoint_url=ENDPOINT)
    return ConnectionClosedError(endpoint_url=ENDPOINT)
