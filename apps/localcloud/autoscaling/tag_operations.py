"""Tags of groups; changing them changes no instance that runs already."""

from __future__ import annotations

from typing import Any

from apps.localcloud.autoscaling.describe import page, tag_view
from apps.localcloud.autoscaling.model import Group, groups
from apps.localcloud.errors import validation_error
from apps.localcloud.operations import Call, Result, operation


def _group(call: Call, tag: dict[str, Any]) -> Group:
    if (tag.get("ResourceType") or "auto-scaling-group") != "auto-scaling-group":
        raise validation_error(f"Invalid resource type {tag['ResourceType']}")
    return groups(call.cloud, call.account, call.region).require(tag.get("ResourceId") or "")


@operation("autoscaling", "CreateOrUpdateTags")
def create_or_update_tags(call: Call) -> Result:
    """Each on the group that it names."""
    for tag in call.params["Tags"]:
        _group(call, tag).tags[tag["Key"]] = (tag.get("Value") or "", bool(tag.get("PropagateAtLaunch")))
    return None


@operation("autoscaling", "DeleteTags")
def delete_tags(call: Call) -> Result:
    """Keys that are not there are no error."""
    for tag in call.params["Tags"]:
        _group(call, tag).tags.pop(tag["Key"], None)
    return None


@operation("autoscaling", "DescribeTags")
def describe_tags(call: Call) -> Result:
    """Filters: auto-scaling-group, key, value, propagate-at-launch."""
    found = []
    for group in groups(call.cloud, call.account, call.region).by_name.values():
        for key in group.tags:
            shown = tag_view(group, key)
            facts = {
                "auto-scaling-group": group.name,
                "key": key,
                "value": shown["Value"],
                "propagate-at-launch": str(shown["PropagateAtLaunch"]).lower(),
            }
            wanted = call.params.get("Filters") or []
            if all(facts.get(one.get("Name")) in (one.get("Values") or []) for one in wanted):
                found.append(shown)
    tags, token = page(found, call.params)
    return {"Tags": tags, "NextToken": token}
