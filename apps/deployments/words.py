"""Deployments in a few words, the same on every roof."""

from __future__ import annotations

from apps.deployments import operations
from apps.deployments.models import Deployment


def short(group: str) -> str:
    """A group as people call it within its cluster: v013."""
    return group.rpartition("-")[2] if group else ""


def what(deployment: Deployment) -> str:
    """A deployment in a few words."""
    if deployment.kind == Deployment.Kind.PUSH:
        return f"Push of {deployment.to_version or deployment.to_image}"
    if deployment.kind == Deployment.Kind.ROLLBACK:
        return f"Rollback to {short(deployment.to_group)}"
    if deployment.kind == Deployment.Kind.CHANGE:
        known = operations.all().get(deployment.operation)
        return f"{known.title if known else deployment.operation}: {short(deployment.from_group)}"
    if deployment.kind == Deployment.Kind.SCAFFOLD:
        return f"Scaffold{f' with {short(deployment.to_group)}' if deployment.to_group else ''}"
    if deployment.kind == Deployment.Kind.REMOVAL:
        return "Removal of the scaffold"
    return f"Clean-up of {short(deployment.from_group)}"
