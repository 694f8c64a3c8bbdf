"""Giving a group that stands by a part of the traffic beside the one that serves, and taking it away again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from apps.cloud.values import GroupState
from apps.deployments import drivers
from apps.deployments.errors import Finding
from apps.deployments.operations.base import NOTHING, Operation, is_reached, nothing, register
from apps.deployments.operations.danger import Danger
from apps.deployments.requests import Preview
from apps.deployments.situation import Kept, Situation
from apps.deployments.strategies import parts
from apps.deployments.timing import boot_seconds
from apps.deployments.weights import reached
from apps.workflows.options import option
from apps.workflows.plans import PlannedStep

WITHIN = "healthy_within_seconds"


def _within() -> int:
    chosen: int = option(
        900,
        "Healthy within",
        "When the group that gets more traffic is not wholly healthy by then, all is put back.",
        minimum=10,
        maximum=86_400,
        unit="seconds",
    )
    return chosen


@dataclass(frozen=True)
class Give:
    percent: float = option(
        50.0,
        "Share",
        "Of the traffic, where it moves by weights. Else the share follows the healthy instances of both groups.",
        minimum=0.1,
        maximum=99.9,
        unit="%",
    )
    healthy_within_seconds: int = _within()


@dataclass(frozen=True)
class Take:
    healthy_within_seconds: int = _within()


def enable(situation: Situation, group: GroupState, options: Give) -> Preview:
    """The group is brought to the present load first; the one that serves goes on serving."""
    kept = next((each for each in situation.kept if each.name == group.name), None)
    serving = situation.group(situation.serving[0]) if situation.serving else None
    findings = tuple(_against_enabling(situation, group, kept, serving))
    sentence = f"Give {group.name} traffic beside {serving.name if serving else 'no other group'}"
    if kept is None or serving is None or any(finding.final for finding in findings):
        return Preview(sentence, (), findings, from_group=group.name)
    driver = drivers.get(kept.driver)
    if driver.exact:
        sentence = f"Give {group.name} {options.percent:g} % of the traffic of {serving.name}"
    steps = tuple(_enabling(situation, group, kept, serving, options))
    return Preview(sentence, steps, findings, from_group=group.name, from_size=group.desired, to_size=serving.desired)


def _against_enabling(
    situation: Situation, group: GroupState, kept: Kept | None, serving: GroupState | None
) -> Iterator[Finding]:
    if group.name in situation.serving:
        yield nothing(group, "takes traffic")
    elif group.status:
        yield Finding("refuse", "going-already", f"{group.name} is being deleted already.", group.name)
    elif kept is None or not kept.sources:
        text = (
            f"It is not known what {group.name} would take its traffic from: it does not stand by after a push. "
            "Attach it to a target group yourself."
        )
        yield Finding("refuse", "not-recorded", text, group.name)
    elif serving is None:
        text = "No group serves now: roll back, which gives a group that stands by all of the traffic."
        yield Finding("refuse", "nobody-serves", text, group.name)
    elif not set(kept.pairs.values() or kept.sources) <= set(serving.registered_with):
        text = f"{serving.name} no longer has its traffic from where {group.name} would take its part."
        yield Finding("refuse", "sources-changed", text, group.name)
    else:
        text = "Two groups serve then. A push is refused until one of them has its traffic taken away."
        yield Finding("warn", "two-serve", text, group.name)


def _enabling(
    situation: Situation, group: GroupState, kept: Kept, serving: GroupState, options: Give
) -> Iterator[PlannedStep]:
    driver, within = drivers.get(kept.driver), float(options.healthy_within_seconds)
    place = {**parts.where(situation), "driver": driver.slug}
    yield parts.raise_group(place, group, serving)
    yield parts.release_size(place, group)
    if driver.exact:
        shared = parts.share_traffic(place, situation, serving, group.name, options.percent, within)
        yield replace(shared, params={**shared.params, "sources": list(kept.sources), "pairs": dict(kept.pairs)})
    else:
        given = parts.give_traffic(place, situation, group, serving, kept.sources, kept.pairs)
        boots = boot_seconds(situation) if serving.desired > len(group.in_service) else 10
        yield replace(given, timeout_seconds=within, expected_seconds=boots)
    yield parts.own_size(place, group, serving)
    if driver.exact:
        yield PlannedStep(
            "keep-weights",
            f"Leave the traffic shared between {group.name} and {serving.name}",
            {**place, "group": group.name, "arn": group.arn, "stays": serving.name},
            irreversible=True,
            expected_seconds=0,
        )


@dataclass(frozen=True)
class Partner:
    """A group that gets requests wherever another does, and by which driver the traffic moves between them."""

    group: GroupState
    driver: drivers.Driver
    pairs: Mapping[str, str]


def disable(situation: Situation, group: GroupState, options: Take) -> Preview:
    """The group stands by until the next push; the other one, brought to the load of both, carries everything."""
    others, partner = _others(situation, group), partner_of(situation, group)
    findings = tuple(_against_disabling(situation, group, others, partner))
    sentence = f"Take traffic from {group.name}"
    if partner is None or findings:
        return Preview(sentence, (), findings, from_group=group.name)
    stays = partner.group.name
    place = {**parts.where(situation), "driver": partner.driver.slug}
    taken = parts.take_traffic(place, situation, group, stays, float(options.healthy_within_seconds))
    steps = (
        replace(taken, params={**taken.params, "pairs": dict(partner.pairs), "together": True}),
        parts.keep_group(place, group.name, group.arn, None, "until the next push"),
    )
    moves = f"All requests that {group.name} gets go to {stays} then."
    return Preview(f"{sentence}; {stays} serves", steps, (), from_group=group.name, at_stake=moves)


def partner_of(situation: Situation, group: GroupState) -> Partner | None:
    """The group that would carry all of this one's traffic; None where no other one gets requests wherever it does."""
    return next((found for each in _others(situation, group) if (found := _partner(situation, group, each))), None)


def _others(situation: Situation, group: GroupState) -> list[GroupState]:
    """Those that serve beside it."""
    return [each for name in situation.serving if name != group.name and (each := situation.group(name))]


def _against_disabling(
    situation: Situation, group: GroupState, others: list[GroupState], partner: Partner | None
) -> Iterator[Finding]:
    if group.name not in situation.serving and is_reached(situation, group):
        text = (
            f"{group.name} takes no traffic, for none of its instances is healthy, though requests would reach one "
            "that is: there is nothing to take away. Delete the group instead, if that is meant."
        )
        yield Finding("refuse", NOTHING, text)
    elif group.name not in situation.serving:
        yield nothing(group, "takes no traffic")
    elif not others:
        text = (
            f"{group.name} alone serves. Push or roll back, or give another group traffic first. "
            "To be rid of it all the same, delete it."
        )
        yield Finding("refuse", "serves-alone", text, group.name)
    elif partner is None:
        names = " and ".join(each.name for each in others)
        text = f"{names} does not get requests wherever {group.name} does, so it cannot carry everything."
        yield Finding("refuse", "not-shared", text, group.name)


def _partner(situation: Situation, group: GroupState, other: GroupState) -> Partner | None:
    if set(group.registered_with) <= set(other.registered_with):
        by_attachment = (each for each in drivers.all().values() if not each.exact and each.suits(group))
        return Partner(other, next(by_attachment), {})
    pairs = _pairs(situation, group, other)
    sent = {each.target_group for rule in situation.rules for each in rule.forwards if each.weight > 0}
    if group.classic_load_balancers or not sent & set(group.target_groups) <= set(pairs):
        return None
    return Partner(other, next(each for each in drivers.all().values() if each.exact), pairs)


def _pairs(situation: Situation, group: GroupState, beside: GroupState) -> dict[str, str]:
    """Which target group of the other stands for which of this one, in the rules that send requests to both."""
    found: dict[str, str] = {}
    for rule in reached(situation.rules, beside.target_groups):
        members = [forward.target_group for forward in rule.forwards]
        ours = [arn for arn in members if arn in group.target_groups and arn not in beside.target_groups]
        theirs = [arn for arn in members if arn in beside.target_groups and arn not in group.target_groups]
        found |= dict(zip(ours, theirs, strict=False))
    return found


register(
    Operation(
        "enable-traffic",
        "Give it traffic",
        "Has a group that stands by serve beside the one that serves.",
        Give,
        enable,
        often=True,
        danger=Danger.LITTLE,
    )
)
register(
    Operation(
        "disable-traffic",
        "Take its traffic",
        "Has another group that serves beside it carry everything; it stands by.",
        Take,
        disable,
        often=True,
        danger=Danger.SOME,
    )
)
