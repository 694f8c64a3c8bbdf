"""AWS's own service models as botocore ships them: which members a request may have. Read, never called."""

from __future__ import annotations

from functools import cache

import botocore.session


@cache
def request_members(service: str, operation: str) -> frozenset[str]:
    """The top-level members of an operation's request."""
    shape = botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape
    return frozenset(shape.members) if shape else frozenset()


@cache
def shape_members(service: str, shape: str) -> frozenset[str]:
    """The members of a structure by its name in the service's model."""
    found = botocore.session.get_session().get_service_model(service).shape_for(shape)
    return frozenset(getattr(found, "members", ()))
