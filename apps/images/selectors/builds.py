"""Builds for display: lists, one of them, which build an image is of, and where a build has gone since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from apps.images.models import Bake, BakedImage, Build, Webhook
from apps.inventory.appversion import AppVersion, from_tags
from apps.inventory.models import Application, Image
from apps.inventory.selectors import image_use, lists
from apps.inventory.selectors.image_use import Use
from apps.inventory.selectors.search import MOST

TAGGED = ("application", "version", "build", "image_id")  # of an AMI, what its tags say of its build


def builds() -> QuerySet[Build]:
    """All builds, newest first, each with its application and gates."""
    return Build.objects.select_related("application").prefetch_related("gates").order_by("-id")


def build(pk: int) -> Build:
    """One build with its application and gates. Raises Build.DoesNotExist."""
    return builds().get(pk=pk)


def of_application(application: Application) -> QuerySet[Build]:
    """The builds of an application, newest first."""
    return builds().filter(application=application)


def versions(application: str) -> tuple[str, ...]:
    """The versions that CI reported of an application, each once, the newest first; of the last 50 builds. 1 query."""
    rows = Build.objects.filter(application__name=application).order_by("-id")
    return tuple(dict.fromkeys(rows.values_list("version", flat=True)[:50]))


def like(text: str) -> QuerySet[Build]:
    """Builds whose version or commit begins with the text, or that CI gave this number; newest first, 8 at most."""
    wanted = Q(version__istartswith=text) | Q(commit__istartswith=text) | Q(number=text)
    return Build.objects.select_related("application").filter(wanted).order_by("-id")[:MOST]


def of_image(application: str, image_id: str, tags: Mapping[str, str]) -> Build | None:
    """The build that is in an AMI, with its gates: by the bake that made it, else by its tags application, version and
    build; None where neither tells. Where these tags do not say, those that another environment sees are asked: only
    its owner sees an AMI's tags. `application` is whose it is where no tag says. 5 queries at most.
    """
    made = BakedImage.objects.filter(image_id=image_id).select_related("bake").first()
    if made and made.bake.build_id:
        return build(made.bake.build_id)
    return of_bake(builds(), made.bake) if made else of_tags(builds(), application, image_id, tags)


def of_bake(rows: QuerySet[Build], bake: Bake) -> Build | None:
    """Which of the builds was baked, where the bake does not name it. 1 query."""
    return rows.filter(application=bake.application_id, package=bake.package, version=bake.version).first()


def of_tags(rows: QuerySet[Build], application: str, image_id: str, tags: Mapping[str, str]) -> Build | None:
    """Which of the builds is in an AMI that no bake made, as `of_image` tells. 2 queries at most."""
    said = _said(image_id, tags)
    if not said.version:
        return None
    found = rows.filter(application__name=said.application or application, version=said.version)
    if said.build:
        found = found.filter(number__in=("", said.build, said.build.rpartition("/")[2]))
    return found.first()


def _said(image_id: str, tags: Mapping[str, str]) -> AppVersion:
    said = from_tags(tags)
    row = None if said.version else Image.objects.filter(image_id=image_id).exclude(version="").first()
    return AppVersion(row.application, row.version, row.commit, row.build) if row else said


@dataclass(frozen=True)
class Place:
    """What is done with a build's images somewhere: "serves", "stands by", as `image_use` says it."""

    environment: str
    region: str
    does: str


@dataclass(frozen=True)
class GoneTo:
    """Where a build has gone: its bakes, newest first; its AMIs, one row an environment and region that knows each; and
    the groups that launch them now, those that serve first. `image_ids` are also those that no environment knows."""

    bakes: tuple[Bake, ...] = ()
    image_ids: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    uses: tuple[Use, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """What groups that launch them do in each environment and region: the weightiest alone, and that first."""
        found: dict[tuple[str, str], str] = {}
        for use in self.uses:
            found.setdefault((use.group.environment.name, use.group.region), use.does)
        return tuple(Place(environment, region, does) for (environment, region), does in found.items())


def gone_to(of: Build) -> GoneTo:
    """Where it has gone since, by its bakes and by what the tags of AMIs say. 5 queries, whatever there is."""
    standing = Prefetch("images", BakedImage.objects.filter(deleted_at__isnull=True))
    bakes = tuple(
        of.bakes.select_related("run", "application", "environment")
        .prefetch_related(standing)
        .defer("log")
        .order_by("-id")
    )
    baked = {image.image_id for each in bakes for image in each.images.all()}
    rows = tuple(lists.images().filter(Q(image_id__in=baked) | _tagged(of)))
    ids = sorted(baked | {row.image_id for row in rows})
    return GoneTo(bakes, tuple(ids), rows, _weightiest(image_use.uses(ids), ids))


def gone_of(rows: Collection[Build]) -> dict[int, GoneTo]:
    """`image_ids` and `uses` of each of these builds, by its key, as `gone_to` finds them; 4 queries for all."""
    baked: dict[int | None, set[str]] = defaultdict(set)
    made = BakedImage.objects.filter(bake__build__in=rows, deleted_at__isnull=True).order_by()
    for build_id, image_id in made.values_list("bake__build_id", "image_id"):
        baked[build_id].add(image_id)
    named = Image.objects.filter(
        lists.HERE, application__in={row.application.name for row in rows}, version__in={row.version for row in rows}
    )
    tagged: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for application, version, number, image_id in named.order_by().values_list(*TAGGED):
        tagged[application, version].append((number, image_id))
    found = {
        row.pk: baked[row.pk]
        | {image_id for number, image_id in tagged[row.application.name, row.version] if _is_of(row, number)}
        for row in rows
    }
    used = image_use.uses(set().union(*found.values()))
    return {pk: GoneTo(image_ids=tuple(sorted(ids)), uses=_weightiest(used, ids)) for pk, ids in found.items()}


def _weightiest(used: Mapping[str, Collection[Use]], ids: Collection[str]) -> tuple[Use, ...]:
    uses = (use for image_id in sorted(ids) for use in used[image_id])
    return tuple(sorted(uses, key=lambda use: image_use.WEIGHT.index(use.does)))


def _is_of(of: Build, number: str) -> bool:
    """Whether a tag with this number names the build, where it says its application and version: as `_tagged` asks."""
    return not of.number or number in ("", of.number) or number.endswith(f"/{of.number}")


def _tagged(of: Build) -> Q:
    """AMIs whose tags name it. A tag without a build, and a build without a number, are held against neither."""
    named = Q(application=of.application.name, version=of.version)
    if not of.number:
        return named
    return named & (Q(build__in=("", of.number)) | Q(build__endswith=f"/{of.number}"))


def webhooks() -> QuerySet[Webhook]:
    """All webhooks, newest first, those that were revoked too."""
    return Webhook.objects.select_related("application").order_by("-id")
