"""Condition keys of tags: those of what a call is about, and those that a call gives."""

from __future__ import annotations

from apps.localcloud.autoscaling.model import groups
from apps.localcloud.cloud import Cloud
from apps.localcloud.ec2.backend import backend
from apps.localcloud.ec2.tagging import tags_of
from apps.localcloud.iam.policies import Context
from apps.localcloud.wire import Params

_NAMING = ("InstanceId", "ImageId", "SnapshotId", "GroupId")


def tags(cloud: Cloud, service: str, params: Params, names: list[str], account: str, region: str) -> Context:
    """`names` are the groups that the call is about; a group that is being made has the tags of the request."""
    if service == "ec2":
        return _of_ec2(params, account, region)
    if service != "autoscaling":
        return {}
    given = {str(one.get("Key")): str(one.get("Value") or "") for one in params.get("Tags") or []}
    known = groups(cloud, account, region).by_name
    has = {key: value for name in names if name in known for key, (value, _) in known[name].tags.items()}
    if not any(name in known for name in names):
        has = given
    found = {f"aws:requesttag/{key}": value for key, value in given.items()}
    for prefix in ("autoscaling", "aws"):
        found |= {f"{prefix}:resourcetag/{key}": value for key, value in has.items()}
    return {key.lower(): (value,) for key, value in found.items()}


def _of_ec2(params: Params, account: str, region: str) -> Context:
    """Of the one machine, AMI, snapshot or security group that a call names; of several, whatever any of them has."""
    ids = [*(params.get("InstanceIds") or []), *(params[one] for one in _NAMING if params.get(one))]
    home = backend(account, region)
    has = {key: value for one in ids for key, value in tags_of(home, str(one)).items()}
    return {f"{prefix}:resourcetag/{key.lower()}": (value,) for prefix in ("aws", "ec2") for key, value in has.items()}
