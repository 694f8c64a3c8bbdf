"""The deployment page from rows."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from apps.accounts.models import Role, User
from apps.console import words
from apps.console.access import missing_role
from apps.console.build.history import back_to, place_of, short, versions, what
from apps.console.build.image_diff import compared
from apps.console.build.run import goes_on, headline, told
from apps.console.build.states import run_state
from apps.console.build.steps import step_lines
from apps.console.build.tries import calls_of
from apps.console.build.undo import undo_lines
from apps.console.pages.common import Action, Place, State
from apps.console.pages.deployment import DeploymentPage
from apps.deployments import operations, selectors, strategies
from apps.deployments.models import Deployment
from apps.deployments.progress import progress
from apps.events.selectors import of_run
from apps.inventory.models import Image
from apps.inventory.selectors import lists
from apps.workflows.states import ACTIVE, Phase, RunState


def deployment_page(deployment: Deployment, user: User) -> DeploymentPage:
    """Everything the page shows of a deployment read by `selectors.detail`."""
    run, place = deployment.run, place_of(deployment.cluster)
    steps, now = list(run.steps.all()), progress(deployment)
    state, why_not = run_state(run.state), _no_way_back(deployment)
    return DeploymentPage(
        id=deployment.pk,
        title=f"{what(deployment)} to {place.cluster}" if deployment.kind == "push" else what(deployment),
        place=place,
        headline=State(state.kind, headline(run, now.sentence, now.total_steps)),
        advice=_advice(deployment, now.next_hint, can_go_back=deployment.kind == Deployment.Kind.PUSH and not why_not),
        live=not run.ended,
        steps=step_lines(steps, run),
        undo=undo_lines(steps, run),
        facts=tuple(_facts(deployment, place)),
        actor=deployment.actor,
        reason=deployment.reason,
        created_at=deployment.created_at,
        ended_at=run.ended_at,
        started_at=run.started_at,
        expected_seconds=now.expected_seconds if goes_on(run) else 0.0,
        actions=_actions(deployment, user, why_not),
        events=told(of_run(run.pk)),
        calls=tuple(calls_of(steps)),
        left_over=selectors.left_over(deployment),
        decide=_decide(deployment, user),
        links=tuple(_links(deployment, place)),
        diff=_diff(deployment),
        user_data=bool(deployment.user_data) and user.may(Role.OPERATOR),
    )


def _advice(deployment: Deployment, hint: str, *, can_go_back: bool) -> str:
    state = deployment.run.state
    if state == RunState.SUCCEEDED and not hint and can_go_back:
        return f"{short(deployment.from_group)} stands by: you can roll back to it; what that does is shown first."
    if state == RunState.SUCCEEDED and not hint and _stands_by(deployment):
        return f"{short(deployment.from_group)} stands by and is deleted at the next push. To go forward again, push."
    if state == RunState.NEEDS_PERSON:
        return "It waits for somebody to decide: each choice is shown before it happens."
    if state == RunState.UNDONE and deployment.kind == Deployment.Kind.PUSH and not deployment.run.cancelled_by:
        return f"{hint} Mend the image, then push again.".strip()
    return hint


def _links(deployment: Deployment, place: Place) -> Iterator[tuple[str, str]]:
    """To its cluster, and to what is known of its AMIs and still there of its groups; two queries."""
    yield _cluster(place), reverse("console:cluster", args=place.address)
    images = Image.objects.filter(image_id__in=[deployment.from_image, deployment.to_image])
    for image_id in sorted(set(images.order_by().values_list("image_id", flat=True))):
        yield image_id, reverse("console:image", args=[image_id])
    groups = lists.groups().filter(
        environment__name=place.environment,
        region=place.region,
        name__in=[deployment.from_group, deployment.to_group],
    )
    for name in groups.values_list("name", flat=True):
        yield name, reverse("console:group", args=[place.environment, place.region, name])


def _cluster(place: Place) -> str:
    return f"{place.cluster}, {place.environment} {place.region}"


def _facts(deployment: Deployment, place: Place) -> list[tuple[str, str]]:
    known, does = strategies.all().get(deployment.strategy), operations.all().get(deployment.operation)
    facts = [
        ("Cluster", _cluster(place)),
        ("Versions", versions(deployment)),
        ("Groups", " → ".join(name for name in (deployment.from_group, deployment.to_group) if name)),
        ("AMI", " → ".join(name for name in (deployment.from_image, deployment.to_image) if name)),
        ("Strategy", known.title if known else deployment.strategy),
        ("Operation", does.title if does else deployment.operation),
        ("User data", f"by version {deployment.user_data} of the template" if deployment.user_data else ""),
    ]
    declared = known or does
    for option in declared.options if declared else ():
        value = deployment.options.get(option.name)
        if value is not None and value != option.default:
            facts.append((option.label, f"{words.plain(value)} {option.unit}".strip()))
    facts += [("Warned", finding["text"]) for finding in deployment.findings if finding.get("level") == "warn"]
    return [(name, value) for name, value in facts if value]


def _decide(deployment: Deployment, user: User) -> str:
    """Where the reader may decide, while the deployment asks a person."""
    asks = deployment.run.state == RunState.NEEDS_PERSON and user.may(Role.OPERATOR)
    return reverse("console:deployment-decide", args=[deployment.pk]) if asks else ""


def _diff(deployment: Deployment) -> str:
    before, after = deployment.from_image, deployment.to_image
    return compared(before, after) if before and after and before != after else ""


def _actions(deployment: Deployment, user: User, why_not: str) -> tuple[Action, ...]:
    run, role = deployment.run, missing_role(user, Role.OPERATOR)
    if run.state in ACTIVE:
        if run.state == RunState.NEEDS_PERSON:
            return (Action("Decide…", reverse("console:deployment-decide", args=[deployment.pk]), True, role),)
        cancel = Action("Cancel…", reverse("console:deployment-cancel", args=[deployment.pk]), blocked=role)
        against = Action(
            "Override the guard…",
            reverse("console:deployment-override", args=[deployment.pk]),
            blocked=role,
            danger=True,
        )
        return (
            *((against,) if selectors.held_by(deployment) else ()),
            *((cancel,) if run.phase == Phase.FORWARD else ()),
        )
    if deployment.kind == Deployment.Kind.PUSH and not why_not:
        back = reverse("console:rollback", args=[deployment.pk])
        return (Action(f"Roll back to {back_to(deployment)}", back, blocked=role),)
    no_way_back = (Action("Roll back", "", blocked=why_not),) if why_not else ()
    if _stands_by(deployment):
        push = reverse("console:push", args=place_of(deployment.cluster).address)
        return (Action("Push…", push, primary=True, blocked=role), *no_way_back)
    return no_way_back


def _no_way_back(deployment: Deployment) -> str:
    """Why one that ended and moved traffic cannot be rolled back; empty where it may, and for all others."""
    ended = deployment.run.state not in ACTIVE
    return selectors.why_not(deployment) if ended and deployment.kind in Deployment.MOVES else ""


def _stands_by(deployment: Deployment) -> bool:
    """Whether a rollback ended well and the group it left still stands."""
    if deployment.kind != Deployment.Kind.ROLLBACK or deployment.run.state != RunState.SUCCEEDED:
        return False
    return selectors.kept_by(deployment) is not None
