"""Whether an AMI can be shared with another account, in one region, by a fresh look; with what would mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from apps.cloud.aws import ec2, kms, sharing
from apps.cloud.errors import CloudError, NotFound
from apps.cloud.values import ImageState, SnapshotState, Target
from apps.images.promotion.keys import NEEDED, service_role, usable
from apps.inventory.models import Environment

CALLS = (
    "ec2:DescribeImages",
    "ec2:DescribeSnapshots",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:ListGrants",
)


@dataclass(frozen=True)
class Finding:
    """Something that a look saw. `refuse` stops the promotion, `warn` is shown before it; the text says what mends it.

    `region` is empty where it is about none in particular.
    """

    level: Literal["refuse", "warn"]
    code: str
    text: str
    region: str = ""


@dataclass(frozen=True)
class Seen:
    """What one region showed. `image` is None where its account has it no more."""

    image: ImageState | None
    findings: tuple[Finding, ...]
    visible: bool = False  # whether the target sees it already


def look(source: Environment, target: Environment, granted: Mapping[str, Any]) -> Seen:
    """Looks at an AMI as Promotion.images has it: unchanged, not encrypted with a key that cannot be shared, and that
    the target's role lets us look there. Raises CloudError for what may pass.
    """
    at = source.target(granted["region"])
    image = ec2.find_image(at, granted["image_id"])
    visible, blind = _from_there(target, granted)
    found = [*blind, *_changed(source, granted, image)]
    if image is not None and not any(finding.level == "refuse" for finding in found):
        found += _encrypted(at, target, image)
    return Seen(image, tuple(found), visible)


def _from_there(target: Environment, granted: Mapping[str, Any]) -> tuple[bool, list[Finding]]:
    region = granted["region"]
    try:
        return ec2.find_image(target.target(region), granted["image_id"]) is not None, []
    except CloudError as error:
        if error.retryable:
            raise
        text = (
            f"The role of {target.name} does not let us look in {region}, so its tags could not be written: {error}. "
            "Mend the role, then promote."
        )
        return False, [Finding("refuse", "no-role", text, region)]


def _changed(source: Environment, granted: Mapping[str, Any], image: ImageState | None) -> Iterator[Finding]:
    name, region = granted["image_id"], granted["region"]
    if image is None:
        text = f"{source.name} has no {name} in {region} any more. Bake it again, and promote that."
        yield Finding("refuse", "image-gone", text, region)
        return
    if image.owner != source.account_id:
        text = (
            f"{name} in {region} belongs to {image.owner}, and only its owner can share it. Promote it from there, "
            f"or copy it into {source.name} first."
        )
        yield Finding("refuse", "not-owned", text, region)
    if image.state != "available":
        text = f"{name} in {region} is {image.state}. Wait until it is available."
        yield Finding("refuse", "not-available", text, region)
    if sorted(image.snapshots) != sorted(granted["snapshots"]):
        text = (
            f"{name} in {region} is no longer what it was: its snapshots are {', '.join(image.snapshots) or 'none'}, "
            f"and were {', '.join(granted['snapshots']) or 'none'}. Bake it again, and promote that."
        )
        yield Finding("refuse", "image-changed", text, region)


def _encrypted(at: Target, target: Environment, image: ImageState) -> Iterator[Finding]:
    """What the keys say under which its snapshots are encrypted, each key once."""
    try:
        snapshots = sharing.describe_snapshots(at, image.snapshots) if image.snapshots else ()
    except NotFound as error:
        text = f"A snapshot of {image.id} in {at.region} is gone: {error}. Bake it again, and promote that."
        yield Finding("refuse", "snapshot-gone", text, at.region)
        return
    by_key: dict[str, SnapshotState] = {}
    for each in snapshots:
        if each.encrypted:
            by_key.setdefault(each.key, each)
    for each in by_key.values():
        yield from _key(at, target, image, each)


def _key(at: Target, target: Environment, image: ImageState, snapshot: SnapshotState) -> Iterator[Finding]:
    if not snapshot.key:
        yield _unknown(at, f"with which key {snapshot.id} is encrypted, for AWS does not tell")
        return
    try:
        key = kms.describe_key(at, snapshot.key)
        if key.of_aws:
            yield _default(at, image, snapshot)
            return
        if key.state != "Enabled":
            text = f"The key {key.arn} of {snapshot.id} is {key.state}, so nobody can launch from it. Enable it."
            yield Finding("refuse", "key-disabled", text, at.region)
            return
        said = usable(target.account_id, kms.key_policy(at, key.arn), kms.key_grants(at, key.arn))
    except CloudError as error:
        if error.retryable:
            raise
        yield _unknown(at, f"whether {target.name} may use the key {snapshot.key} of {snapshot.id}: {error}")
        return
    if said.missing:
        yield _missing(at, target, key.arn, said.missing)
    if said.unknown:
        what = ", ".join(said.unknown)
        yield _unknown(at, f"whether the policy of the key {key.arn} lets {target.name} use it, for {what}")


def _default(at: Target, image: ImageState, snapshot: SnapshotState) -> Finding:
    text = (
        f"{snapshot.id} of {image.id} in {at.region} is encrypted with AWS's own key, which cannot be shared. "
        f"Encrypt it with a key of your own: make that the default of {at.region} (aws ec2 "
        "modify-ebs-default-kms-key-id) and bake again, then promote that image."
    )
    return Finding("refuse", "default-key", text, at.region)


def _missing(at: Target, target: Environment, arn: str, operations: tuple[str, ...]) -> Finding:
    role = service_role(target.account_id)
    text = (
        f"The key {arn} does not let Auto Scaling in {target.name} launch: {', '.join(operations)} "
        f"{'is' if len(operations) == 1 else 'are'} missing. Let the key's policy name "
        f"arn:aws:iam::{target.account_id}:root, then have an administrator of {target.name} grant it: aws kms "
        f"create-grant --region {at.region} --key-id {arn} --grantee-principal {role} --operations {' '.join(NEEDED)}"
    )
    return Finding("refuse", "key-grants-missing", text, at.region)


def _unknown(at: Target, what: str) -> Finding:
    text = f"It is unknown {what.rstrip('.')}. Look yourself before you rely on it in {at.region}."
    return Finding("warn", "unknown-key", text, at.region)
