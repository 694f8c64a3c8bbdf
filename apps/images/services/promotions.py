"""Promotions: previewed, started or joined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from apps.cloud.aws import pace
from apps.cloud.tags import RUN_TAG
from apps.events.services import record
from apps.images.errors import Invalid, Refused
from apps.images.models import Promotion
from apps.images.promotion.evidence import evidence
from apps.images.promotion.plan import granting
from apps.images.promotion.shareable import Finding, Seen, look
from apps.images.requests import Granted, PromotionPreview, PromotionRequest
from apps.images.selectors.janitor import going
from apps.images.selectors.promotions import live_promotion, promotions
from apps.images.services.joining import comes_to_be, joined_or_started
from apps.images.services.promotable import Wanted, understand
from apps.workflows import services as workflows
from apps.workflows.models import Run

KIND = "promotion"
BACKWARDS = "backwards"  # code of a finding
TAGS, OF_AWS = 50, "aws:"  # the most tags on AWS, and how those begin that nobody else may write


@dataclass(frozen=True)
class _Looked:
    """What was asked, and what a fresh look at it showed, region by region."""

    wanted: Wanted
    seen: tuple[Seen, ...]
    existing: Promotion | None

    @property
    def findings(self) -> tuple[Finding, ...]:
        return (
            *_of_origin(self.wanted),
            *_backwards(self.wanted),
            *_going(self.wanted),
            *(finding for each in self.seen for finding in each.findings),
        )

    @property
    def tags(self) -> dict[str, str]:
        """Those of the AMI, as its owner sees them."""
        image = self.seen[0].image
        known = image.tags if image is not None else {}
        return {name: value for name, value in known.items() if not name.startswith(OF_AWS)}


@pace.patiently()
def preview_promotion(request: PromotionRequest) -> PromotionPreview:
    """What a promotion would do; what stands against it is among the findings. Raises Invalid, Refused, CloudError."""
    looked = _look(understand(request))
    wanted = looked.wanted
    images = tuple(
        Granted(each["region"], each["image_id"], tuple(each["snapshots"]), seen.visible)
        for each, seen in zip(wanted.images, looked.seen, strict=True)
    )
    return PromotionPreview(
        sentence=_sentence(wanted, looked.existing),
        source=wanted.source.name,
        target=wanted.target.name,
        account=wanted.target.account_id,
        images=images,
        left_out=wanted.left_out,
        tags=looked.tags,
        findings=looked.findings,
        evidence=_evidence(looked),
        existing=looked.existing,
        steps=granting(wanted.images, wanted.source.name, wanted.target.name),
    )


@pace.patiently()
def promote(request: PromotionRequest, *, actor: str) -> Promotion:
    """The promotion that lets the target launch the AMI, or has done so: then it is `joined`.

    Raises Invalid, Refused, or CloudError; nothing is created then. Of requests at the same time, one starts it.
    """
    wanted = understand(request)
    return joined_or_started(
        partial(_promote, wanted, request, actor),
        f"Others promote {wanted.image_id}, or take it back. Look at its promotions, then ask again.",
    )


def _promote(wanted: Wanted, request: PromotionRequest, actor: str) -> Promotion:
    looked = _look(wanted)
    if looked.existing is not None:
        return _join(looked.existing, request, actor)
    against = [finding.text for finding in looked.findings if finding.level == "refuse"]
    if against:
        raise Refused(" ".join(against))
    unsaid = [finding.text for finding in looked.findings if finding.code == BACKWARDS and not request.reason.strip()]
    if unsaid:
        raise Invalid({"reason": unsaid})
    return _start(looked, request, actor)


def _look(wanted: Wanted) -> _Looked:
    seen = tuple(look(wanted.source, wanted.target, each) for each in wanted.images)
    live = live_promotion(wanted.image_id, wanted.target)
    return _Looked(wanted, seen, live if live is not None and _answers(live, wanted, seen) else None)


def _answers(live: Promotion, wanted: Wanted, seen: tuple[Seen, ...]) -> bool:
    """Whether a promotion still answers: it goes on, or the target sees all that is asked for."""
    if not live.run.ended:
        return comes_to_be(live.run)
    same = list(live.images) == list(wanted.images)
    return live.stands and same and all(each.visible for each in seen)


def _of_origin(wanted: Wanted) -> tuple[Finding, ...]:
    if wanted.bake is not None:
        return ()
    text = (
        f"{wanted.image_id} was not baked here, so nobody knows what is inside. Bake it by a recipe to have that "
        "recorded, or promote it as it is."
    )
    return (Finding("warn", "not-baked", text),)


def _backwards(wanted: Wanted) -> Iterator[Finding]:
    """What comes from where it should go to. `promote` asks for a reason then."""
    source, target = wanted.source, wanted.target
    if source.images_from == target.name or (source.production and not target.production):
        text = f"Images go from {target.name} to {source.name}, and this goes the other way. Say why, if that is meant."
        yield Finding("warn", BACKWARDS, text)


def _going(wanted: Wanted) -> Iterator[Finding]:
    """Read last of all: what the janitor began before is not promoted, and what is promoted it sees before it acts."""
    for image_id in going([wanted.image_id, *(each["image_id"] for each in wanted.images)]):
        text = f"The janitor is deleting {image_id}. Promote another, or bake it again."
        yield Finding("refuse", "image-going", text)


def _evidence(looked: _Looked) -> dict[str, object]:
    wanted = looked.wanted
    ids = [wanted.image_id, *(each["image_id"] for each in wanted.images)]
    return evidence(wanted.source, list(dict.fromkeys(ids)), wanted.bake, wanted.application, looked.tags)


def _join(live: Promotion, request: PromotionRequest, actor: str) -> Promotion:
    what = "it was promoted already" if live.run.ended else "that is on its way already"
    record(
        "promotion.joined",
        actor=actor,
        subject=live.image_id,
        summary=f"{actor} asked to promote {live.what} to {live.target.name}; {what} (promotion {live.pk})",
        reason=request.reason,
        run=live.run_id,
        environment=live.target.name,
    )
    live.joined = True
    return live


def _start(looked: _Looked, request: PromotionRequest, actor: str) -> Promotion:
    """Row, run, lock and event in one transaction. Raises IntegrityError or Busy where another is under way."""
    made: list[Promotion] = []
    wanted = looked.wanted
    workflows.start(
        kind=KIND,
        subject=f"{wanted.what} to {wanted.target.name}"[:255],
        steps=granting(wanted.images, wanted.source.name, wanted.target.name),
        actor=actor,
        reason=request.reason,
        lock=wanted.lock,
        created=partial(_created, looked, _evidence(looked), request, made),
    )
    return promotions().get(pk=made[0].pk)


def _created(
    looked: _Looked, known: Mapping[str, object], request: PromotionRequest, made: list[Promotion], run: Run
) -> None:
    wanted = looked.wanted
    # one that has ended and does not answer any more; one that goes on keeps its place, and this fails
    before = Promotion.objects.filter(image_id=wanted.image_id, target=wanted.target, live=True)
    before.filter(run__ended_at__isnull=False).update(live=False)
    row = Promotion.objects.create(
        image_id=wanted.image_id,
        images=list(wanted.images),
        application=wanted.application,
        version=wanted.version,
        bake=wanted.bake,
        source=wanted.source,
        target=wanted.target,
        run=run,
        tags=_tags(looked.tags, run),
        evidence=dict(known),
        actor=run.actor,
        reason=request.reason,
    )
    Run.objects.filter(pk=run.pk).update(called=f"{KIND} {row.pk}")
    made.append(row)
    record(
        "promotion.requested",
        actor=run.actor,
        subject=row.image_id,
        summary=f"{run.actor} asked: {_sentence(wanted, None)}",
        reason=request.reason,
        after={"application": row.application, "images": row.images, "evidence": row.evidence},
        run=run.pk,
        environment=wanted.target.name,
    )


def _tags(known: Mapping[str, str], run: Run) -> dict[str, str]:
    """What is written in the target's account: the owner's, and which run wrote them."""
    kept = [(name, value) for name, value in known.items() if name != RUN_TAG][: TAGS - 1]
    return {**dict(kept), RUN_TAG: str(run.pk)}


def _sentence(wanted: Wanted, existing: Promotion | None) -> str:
    where = ", ".join(each["region"] for each in wanted.images)
    if existing is not None:
        how = "is promoted" if existing.run.ended else "is being promoted"
        return f"{wanted.what} {how} to {wanted.target.name} already (promotion {existing.pk})"
    return f"Promote {wanted.what} ({wanted.image_id}) from {wanted.source.name} to {wanted.target.name} in {where}"
