"""Classes of AWS clients, made once for each service: each test's account has clients of its own, and EC2's class alone
takes longer to make than many a test runs.
"""

from __future__ import annotations

from typing import Any

from botocore.client import ClientCreator

_make = ClientCreator._create_client_class
_made: dict[str, Any] = {}


def create_client_class(self: ClientCreator, service_name: str, service_model: Any) -> Any:
    """Stands in for ClientCreator._create_client_class, as whose method it is called."""
    if service_name == "s3":  # boto3 adds to its own sessions' class
        return _make(self, service_name, service_model)
    if service_name not in _made:
        _made[service_name] = _make(self, service_name, service_model)
    return _made[service_name]
