"""The steps of a promotion, and of taking one back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.images.plan import SOON
from apps.workflows.plans import PlannedStep

Images = Sequence[Mapping[str, Any]]  # as Promotion.images has them


def granting(images: Images, source: str, target: str) -> tuple[PlannedStep, ...]:
    """Looks at all regions first, then grants one after the other: AMI, snapshots, tags, and a look from there."""
    return tuple(_granting(images, source, target))


def _granting(images: Images, source: str, target: str) -> Iterator[PlannedStep]:
    yield PlannedStep(
        "check-promotion", f"Look whether it is unchanged in {source}", timeout_seconds=SOON, expected_seconds=2
    )
    for each in images:
        region, image, params = each["region"], each["image_id"], {"region": each["region"]}
        yield PlannedStep(
            "share-image",
            f"Let {target} launch {image} in {region}",
            params,
            (f"{target} may launch {image} in {region}.",),
            timeout_seconds=SOON,
            expected_seconds=2,
        )
        yield PlannedStep(
            "share-snapshots",
            f"Let {target} use its snapshots in {region}",
            params,
            tuple(f"{target} may make volumes of {snapshot}." for snapshot in each["snapshots"]),
            timeout_seconds=SOON,
            expected_seconds=2,
        )
        yield PlannedStep(
            "tag-shared",
            f"Write its tags in {target} {region}",
            params,
            (f"The AMI and its snapshots get their tags in {target} {region}.",),
            timeout_seconds=SOON,
            expected_seconds=2,
        )
        yield PlannedStep(
            "see-shared", f"Look from {target} {region}", params, timeout_seconds=SOON, expected_seconds=1
        )
    yield PlannedStep("record-promotion", "Write down what was promoted", timeout_seconds=SOON, expected_seconds=1)


def revoking(images: Images, target: str, *, although_used: bool) -> tuple[PlannedStep, ...]:
    """Looks first that nothing uses it, unless that is overridden; then takes back, region by region."""
    return tuple(_revoking(images, target, although_used=although_used))


def _revoking(images: Images, target: str, *, although_used: bool) -> Iterator[PlannedStep]:
    if not although_used:
        yield PlannedStep("check-unused", f"Look whether {target} uses it", timeout_seconds=SOON, expected_seconds=2)
    for each in images:
        region, image, params = each["region"], each["image_id"], {"region": each["region"]}
        yield PlannedStep(
            "untag-shared",
            f"Remove its tags in {target} {region}",
            params,
            (f"The tags of the promotion are removed in {target} {region}.",),
            timeout_seconds=SOON,
            expected_seconds=2,
        )
        yield PlannedStep(
            "withdraw-snapshots",
            f"Take its snapshots back in {region}",
            params,
            tuple(f"{target} may make no volumes of {snapshot} any more." for snapshot in each["snapshots"]),
            timeout_seconds=SOON,
            expected_seconds=2,
        )
        yield PlannedStep(
            "withdraw-image",
            f"Let {target} no longer launch {image} in {region}",
            params,
            (f"{target} may launch {image} in {region} no more.",),
            timeout_seconds=SOON,
            expected_seconds=2,
        )
    yield PlannedStep("record-revocation", "Write down what was taken back", timeout_seconds=SOON, expected_seconds=1)
