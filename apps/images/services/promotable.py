"""What a request for a promotion means: which AMIs of whose account, and for whom. Only rows are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.cloud.aws import ec2
from apps.images.errors import Invalid, Refused
from apps.images.models import Bake, BakedImage
from apps.images.requests import PromotionRequest
from apps.inventory.models import Environment, Image


@dataclass(frozen=True)
class Wanted:
    """`images` is as Promotion.images has it, the AMI's own region first; `left_out` are regions that stay without."""

    source: Environment
    target: Environment
    image_id: str
    images: tuple[dict[str, Any], ...]
    left_out: tuple[str, ...]
    bake: Bake | None
    application: str
    version: str

    @property
    def what(self) -> str:
        """The AMI in a few words."""
        return " ".join(filter(None, [self.application, self.version])) or self.image_id

    @property
    def lock(self) -> str:
        """What a promotion of it holds; see `lock_of`."""
        return lock_of(self.image_id, self.target)


def lock_of(image_id: str, target: Environment) -> str:
    """Of an AMI and an account, which may be that of several environments, one thing at a time."""
    return f"promotion:{image_id}:{target.account_id}"


def understand(request: PromotionRequest) -> Wanted:
    """Raises Invalid, by field, Refused, and CloudError."""
    target = Environment.objects.filter(name=request.target).first()
    if target is None:
        raise Invalid({"target": [f"There is no environment {request.target}."]})
    made = BakedImage.objects.filter(image_id=request.image, deleted_at__isnull=True).first()
    wanted = _baked(made.bake_id, target) if made else _owned(request.image, target)
    _check(wanted)
    return wanted


def _check(wanted: Wanted) -> None:
    source, target = wanted.source, wanted.target
    if source.account_id == target.account_id:
        raise Invalid({"target": [f"{target.name} is in the account of {source.name}, and may launch it already."]})
    if target.images_from and target.images_from != source.name:
        raise Refused(
            f"{target.name} takes its images from {target.images_from}, and {wanted.image_id} is of {source.name}. "
            f"Promote one of {target.images_from}, or let an administrator change the environment {target.name}."
        )
    if not wanted.images:
        raise Refused(
            f"{target.name} has none of the regions that {wanted.image_id} is in ({', '.join(wanted.left_out)}). Let "
            "its recipe copy it there, and bake again."
        )


def _baked(pk: int, target: Environment) -> Wanted:
    """All that a bake made and that stands, in the regions that the target has."""
    bake = Bake.objects.select_related("environment", "application", "build", "manifest", "run").get(pk=pk)
    images = sorted(bake.images.filter(deleted_at__isnull=True), key=lambda each: (each.region != bake.region, each.pk))
    granted = [
        {"region": each.region, "image_id": each.image_id, "snapshots": each.snapshots}
        for each in images
        if each.region in target.regions
    ]
    return Wanted(
        source=bake.environment,
        target=target,
        image_id=images[0].image_id,
        images=tuple(granted),
        left_out=tuple(each.region for each in images if each.region not in target.regions),
        bake=bake,
        application=bake.application.name,
        version=bake.version,
    )


def _owned(image_id: str, target: Environment) -> Wanted:
    """One that was not baked here: in its region alone, with the snapshots that it has now."""
    known = Image.objects.filter(image_id=image_id, source=Image.Source.OWNED, gone_at__isnull=True)
    row = known.select_related("environment").exclude(environment=target).first() or known.first()
    if row is None:
        raise Invalid({"image": [f"There is no AMI {image_id} that a known environment owns."]})
    seen = ec2.find_image(row.environment.target(row.region), image_id)
    snapshots = list(seen.snapshots) if seen else []
    here = row.region in target.regions
    return Wanted(
        source=row.environment,
        target=target,
        image_id=image_id,
        images=({"region": row.region, "image_id": image_id, "snapshots": snapshots},) if here else (),
        left_out=() if here else (row.region,),
        bake=None,
        application=row.application,
        version=row.version,
    )
