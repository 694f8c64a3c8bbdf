"""The list of AMIs and the page of one, from rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse

from apps.accounts.models import Role, User
from apps.console.build.bakes import base_words, links_of, manifest_words, pushes
from apps.console.build.images import choices_beside
from apps.console.build.inside import inside_of
from apps.console.build.keeps import keep_actions
from apps.console.build.promotions import promotions_part
from apps.console.pages.common import Action, State
from apps.console.pages.image import EnvironmentLine, ImageLine, ImagePage, UseLine
from apps.images.models import Bake, Build, Manifest
from apps.images.selectors import bake_of_image, base_names, builds
from apps.images.selectors.janitor import WhereUsed, where_used
from apps.inventory.models import Application, Cluster, Image, Instance
from apps.inventory.selectors import image_use
from apps.inventory.selectors.image_use import Use

FIRST = 3  # groups that the list names of each AMI
KINDS = {"serves": "serve", "fails": "fail", "runs": "wait", "stands by": "rest", "is empty": "rest"}
STATES = {"available": "serve", "pending": "move", "failed": "fail", "error": "fail"}
WHY = {
    Image.Source.OWNED: "It is the account's own.",
    Image.Source.SHARED: "It is shared with the account.",
    Image.Source.RUN: "Something runs it, but AWS lists it neither as the account's own nor as shared with it.",
}


@dataclass(frozen=True)
class Origin:
    """Facts of how an image was made, where these lead, as pages hold them, and what was recorded to be inside."""

    facts: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]
    manifest: Manifest | None


def image_lines(rows: Sequence[Image]) -> tuple[ImageLine, ...]:
    """Each with who may launch it and who does; four queries for all of them."""
    ids = {row.image_id for row in rows}
    uses, known = image_use.uses(ids), image_use.known_in(ids)
    bases = base_names(row.image_id for row in rows if not row.application)
    return tuple(_line(row, uses[row.image_id], known[row.image_id], bases.get(row.image_id, "")) for row in rows)


def image_page(image_id: str, user: User) -> ImagePage | None:
    """One AMI over all environments that know it, else as it was last known; None where it never was."""
    known = image_use.known_in([image_id])[image_id]
    last = Image.objects.filter(image_id=image_id).select_related("environment").order_by("-read_at")[:1]
    rows = known or tuple(last)
    if not rows:
        return None
    row = max(rows, key=lambda each: (bool(each.version), each.source == Image.Source.OWNED))  # see lists.images_once
    use, owned = where_used(row), [each for each in known if each.source == Image.Source.OWNED]
    origin = _origin(row)
    return ImagePage(
        id=image_id,
        title=" ".join(filter(None, [row.application, row.version])) or row.name or image_id,
        name=row.name,
        sentence=_sentence(use.groups),
        facts=tuple((name, value) for name, value in (*_facts(row), *origin.facts) if value),
        environments=tuple(map(_environment, known)),
        uses=tuple(map(use_line, use.groups)),
        instances=tuple(map(_instance, use.instances)),
        use=use,
        promotions=promotions_part(image_id, [each.environment for each in owned], user),
        keeping=tuple(_keeping(owned, use, user)),
        tags=tuple(sorted(row.tags.items())),
        created_at=row.created_at,
        read_at=min(each.read_at for each in rows),
        others=choices_beside(image_id, row.application),
        push=tuple(_pushes(row, known)) if user.may(Role.OPERATOR) else (),
        links=origin.links,
        inside=inside_of(origin.manifest),
        inside_words=manifest_words(origin.manifest),
        gone=not known,
    )


def _line(row: Image, uses: Sequence[Use], known: Sequence[Image], base: str) -> ImageLine:
    return ImageLine(
        id=row.image_id,
        name=row.name,
        application=row.application,
        base=base,
        version=row.version,
        commit=row.commit,
        build=row.build,
        region=row.region,
        created_at=row.created_at,
        state=State(STATES.get(row.state, "rest"), row.state),
        may_launch=tuple(each.environment.name for each in known if each.launchable),
        uses=tuple(map(use_line, uses[:FIRST])),
        more=len(uses[FIRST:]),
    )


def _sentence(uses: Sequence[Use]) -> State:
    """Which environments it serves in; else how many groups launch it."""
    serving = sorted({f"{use.group.environment.name} {use.group.region}" for use in uses if use.does == "serves"})
    if serving:
        return State("serve", f"It serves in {' and '.join(serving)}.")
    if not uses:
        return State("rest", "No group launches it.")
    groups = "1 group launches it, and does" if len(uses) == 1 else f"{len(uses)} groups launch it, and do"
    return State("rest", f"{groups} not serve.")


def _facts(row: Image) -> Iterator[tuple[str, str]]:
    yield "Application", row.application
    yield "Version", row.version
    yield "Commit", row.commit
    yield "Build", row.build
    yield "Architecture", row.architecture
    yield "State", row.state
    yield "Region", row.region
    yield "Owner", row.owner
    yield "Public", "yes" if row.public else "no"
    yield "Description", row.description


def _origin(row: Image) -> Origin:
    """Whose it is, what it was made by and of, as far as it is known here; 4 queries at most."""
    bake = bake_of_image(row.image_id)
    build = _build(row, bake)
    facts: list[tuple[str, str]] = []
    links: list[tuple[str, str]] = []
    if row.application and (_named(bake or build) == row.application or _exists(row.application)):
        links.append((row.application, reverse("console:application", args=[row.application])))
    if bake:
        facts += [("Base image", base_words(bake)), ("Made by", str(bake))]
        links += [*links_of(bake), (str(bake), reverse("console:bake", args=[bake.pk]))]
    if build:
        facts.append(("Made of", str(build)))
        links.append((str(build), reverse("console:build", args=[build.pk])))
    return Origin(tuple(facts), tuple(links), bake.manifest if bake else None)


def _build(row: Image, bake: Bake | None) -> Build | None:
    """Its build, without the gates."""
    rows = builds.builds().prefetch_related(None)
    if bake is None:
        return builds.of_tags(rows, row.application, row.image_id, row.tags)
    return bake.build or builds.of_bake(rows, bake)


def _named(made: Bake | Build | None) -> str:
    return made.application.name if made else ""


def _exists(application: str) -> bool:
    return Application.objects.filter(name=application).exists()


def _keeping(owned: Sequence[Image], use: WhereUsed, user: User) -> Iterator[Action]:
    """The janitor looks only after what an account owns."""
    for row in owned:
        kept = [each for each in use.keeps if each.environment_id == row.environment_id]
        yield from keep_actions("image", (row.environment.name, row.region), row.image_id, kept, user)


def _pushes(row: Image, known: Sequence[Image]) -> Iterator[tuple[str, str]]:
    """The clusters of its application where the environment may launch it."""
    places = {each.environment_id for each in known if each.launchable}
    clusters = Cluster.objects.filter(application__name=row.application, environment__in=places, region=row.region)
    return pushes(
        row.image_id, row.region, clusters.select_related("environment").order_by("environment__name", "name")
    )


def _environment(row: Image) -> EnvironmentLine:
    why = "It is public." if row.public else WHY[Image.Source(row.source)]
    if row.state != "available":
        may, why = State("rest", "not now"), f"It is {row.state}. {why}"
    elif row.launchable:
        may = State("serve", "may launch it")
    else:
        may = State("attend", "not known")
    return EnvironmentLine(row.environment.name, row.region, may, why)


def use_line(use: Use) -> UseLine:
    """A group that launches an AMI."""
    group, cluster = use.group, use.group.cluster
    where = [group.environment.name, group.region]
    return UseLine(
        group=group.name,
        href=reverse("console:group", args=[*where, group.name]),
        cluster=cluster.name if cluster else "",
        cluster_href=reverse("console:cluster", args=[*where, cluster.name]) if cluster else "",
        environment=group.environment.name,
        region=group.region,
        does=State(KINDS[use.does], use.does),
        instances=group.instance_count,
    )


def _instance(row: Instance) -> tuple[str, str, str]:
    where = [row.environment.name, row.region, row.instance_id]
    return row.instance_id, reverse("console:instance", args=where), row.group.name if row.group else ""
