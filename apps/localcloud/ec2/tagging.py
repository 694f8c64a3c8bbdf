"""Tags as requests carry them and as answers show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from apps.localcloud.ec2.backend import LoopbackEC2Backend
from apps.localcloud.errors import AwsError
from apps.localcloud.wire import Params


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag_dict(tags: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {str(one.get("Key")): str(one.get("Value") or "") for one in tags}


def tags_of(home: LoopbackEC2Backend, resource_id: str) -> dict[str, str]:
    """A resource's tags; empty when it has none (asking must not make an entry)."""
    found: dict[str, str] = home.tags.get(resource_id, {})
    return found


def specified_tags(params: Params, allowed: Iterable[str]) -> dict[str, dict[str, str]]:
    """TagSpecifications by resource type. Raises AwsError for a type that the operation does not make."""
    found: dict[str, dict[str, str]] = {}
    for one in params.get("TagSpecifications") or []:
        kind = str(one.get("ResourceType"))
        if kind not in allowed:
            raise AwsError(
                "InvalidParameterValue", f"'{kind}' is not a valid taggable resource type for this operation."
            )
        found.setdefault(kind, {}).update(tag_dict(one.get("Tags") or []))
    return found


def forbid_dry_run(params: Params) -> None:
    """Answers a DryRun that would have succeeded, as EC2 does: with an error. Raises AwsError (412)."""
    if params.get("DryRun"):
        raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
