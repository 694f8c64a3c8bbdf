"""Promotions from rows: beside an AMI, and the page of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from apps.accounts.models import Role, User
from apps.console import words
from apps.console.access import missing_role
from apps.console.build.run import goes_on, headline, steering, told
from apps.console.build.states import run_state
from apps.console.build.steps import step_lines
from apps.console.build.tries import calls_of
from apps.console.build.undo import undo_lines
from apps.console.pages.common import Action, State
from apps.console.pages.promotion import Evidence, PromotionLine, PromotionPage, PromotionsPart
from apps.events.selectors import of_run
from apps.images.models import Gate, Promotion
from apps.images.promotion.progress import Standing, progress, standing
from apps.images.selectors.promotions import of_image
from apps.inventory.models import Environment, Image
from apps.workflows.timing import in_all

KINDS = {
    Standing.GRANTING: "move",
    Standing.GRANTED: "serve",
    Standing.NOT_GRANTED: "fail",
    Standing.REVOKING: "move",
    Standing.REVOKED: "rest",
    Standing.PARTLY: "fail",
    Standing.REPLACED: "rest",
}
OUTCOMES = {"passed": "serve", "failed": "fail", "running": "move"}


def promotions_part(image_id: str, owners: Sequence[Environment], user: User) -> PromotionsPart:
    """Two queries; `owners` are the environments whose account owns the AMI."""
    rows = tuple(of_image(image_id))
    blocked = missing_role(user, Role.OPERATOR)
    standing_in = {row.target.name for row in rows if row.stands}
    address = reverse("console:image-promote", args=[image_id])
    return PromotionsPart(
        lines=tuple(map(promotion_line, rows)),
        actions=tuple(
            Action(f"Promote to {name}…", f"{address}?{urlencode({'to': name})}", blocked=blocked)
            for name in _others(owners)
            if name not in standing_in
        ),
    )


def targets(image_id: str) -> list[str]:
    """The environments that an AMI could be promoted to: those of other accounts than its owner's. Two queries."""
    owned = Image.objects.filter(image_id=image_id, source=Image.Source.OWNED, gone_at__isnull=True)
    return _others([row.environment for row in owned.select_related("environment")])


def _others(owners: Sequence[Environment]) -> list[str]:
    if not owners:
        return []
    accounts, names = {each.account_id for each in owners}, {each.name for each in owners}
    others = Environment.objects.exclude(account_id__in=accounts).filter(images_from__in=["", *names])
    return list(others.order_by("name").values_list("name", flat=True))


def standing_of(row: Promotion) -> State:
    """How it stands, in a word."""
    found = standing(row)
    return State(KINDS[found], str(found.label).lower())


def promotion_line(row: Promotion) -> PromotionLine:
    """Needs its runs and environments loaded."""
    taken, run = row.revocation, row.now
    return PromotionLine(
        id=row.pk,
        standing=standing_of(row),
        source=row.source.name,
        target=row.target.name,
        actor=row.actor,
        reason=row.reason,
        at=row.created_at,
        revoked=f"{taken.actor}{f': {taken.reason}' if taken.reason else ''}" if taken else "",
        what=row.what,
        image=row.image_id,
        says=words.first_clause(run.failure if run.ended else run.says),
    )


def promotion_page(row: Promotion, user: User) -> PromotionPage:
    """Everything the page shows of a promotion read by `selectors.promotions.promotion`."""
    run, steps, now = row.now, list(row.now.steps.all()), progress(row)
    return PromotionPage(
        id=row.pk,
        title=f"Promotion of {row.what} to {row.target.name}",
        headline=State(run_state(run.state).kind, headline(run, now.sentence, len(steps))),
        advice=now.next_hint,
        live=not run.ended,
        steps=step_lines(steps, run),
        undo=undo_lines(steps, run),
        facts=tuple((name, value) for name, value in _facts(row) if value),
        actor=row.actor,
        reason=row.reason,
        created_at=row.created_at,
        ended_at=run.ended_at,
        started_at=run.started_at,
        expected_seconds=in_all(steps) if goes_on(run) else 0.0,
        actions=_actions(row, user),
        events=told(of_run(run.pk)),
        calls=tuple(calls_of(steps)),
        image=row.image_id,
        images=tuple((each["region"], each["image_id"], ", ".join(each["snapshots"])) for each in row.images),
        evidence=evidence_of(row.evidence),
        standing=standing_of(row),
    )


def _facts(row: Promotion) -> Iterator[tuple[str, str]]:
    yield "AMI", row.image_id
    yield "From", f"{row.source.name} ({row.source.account_id})"
    yield "To", f"{row.target.name} ({row.target.account_id})"
    yield "Standing", standing_of(row).word
    yield "Bake", str(row.bake_id or "")
    if row.revocation is not None:
        yield "Taken back by", row.revocation.actor
        yield "Because", row.revocation.reason


def _actions(row: Promotion, user: User) -> tuple[Action, ...]:
    role = missing_role(user, Role.OPERATOR)
    if row.stands:
        return (Action("Take it back…", reverse("console:promotion-revoke", args=[row.pk]), blocked=role),)
    if not row.now.ended:
        cancel, retry = (reverse(f"console:promotion-{each}", args=[row.pk]) for each in ("cancel", "retry"))
        return steering(row.now, cancel, retry, role)
    address = reverse("console:image-promote", args=[row.image_id])
    return (Action("Promote it again…", f"{address}?{urlencode({'to': row.target.name})}", blocked=role),)


def evidence_of(known: Mapping[str, Any]) -> Evidence:
    """What is kept of it, in words; of what is not known, that it is not."""
    build, inside = known.get("build"), known.get("manifest")
    return Evidence(
        facts=(
            ("Build", build["says"] if build else "not known"),
            ("Commit", (build or {}).get("commit") or "not known"),
            ("Inside", _inside(inside) if inside else "not known"),
        ),
        gates=tuple(map(_gate, build["gates"] if build else ())),
        serves=tuple(map(_serves, known.get("serves") or ())),
    )


def _inside(known: Mapping[str, Any]) -> str:
    lost = f"; {known['lost']} pieces of the list were lost" if known["lost"] else ""
    return f"{known['packages']} packages, {known['files']} configuration files{lost}"


def _gate(known: Mapping[str, Any]) -> tuple[str, State, str]:
    outcome = known["outcome"]
    word = str(Gate.Outcome(outcome).label).lower() if outcome in Gate.Outcome.values else outcome
    return known["name"], State(OUTCOMES.get(outcome, "rest"), word), known["url"]


def _serves(known: Mapping[str, Any]) -> str:
    count = known["instances"]
    return (
        f"{known['group']} in {known['region']} {known['does']} with {count} instance{'' if count == 1 else 's'}, "
        f"since {known['since'].replace('T', ' ')[:16]} UTC"
    )
