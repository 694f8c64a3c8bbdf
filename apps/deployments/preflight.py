"""What is looked at before anything is changed. Each check is a small pure function over the situation."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.naming import parse
from apps.cloud.values import GroupState
from apps.deployments import inherit
from apps.deployments.errors import Finding
from apps.deployments.situation import Situation

_EXTRAS = {
    "scaling_policies": "scaling policies",
    "scheduled_actions": "scheduled actions",
    "lifecycle_hooks": "lifecycle hooks",
    "notifications": "notifications",
    "warm_pool": "a warm pool",
}


def push_findings(situation: Situation, *, other_application: bool = False) -> tuple[Finding, ...]:
    """Everything that speaks against, or should be known before, a push.

    `other_application`: an image of another application is wanted.
    """
    serving = situation.serving_group
    if serving is None:
        return tuple(_nobody_serves(situation))
    return (
        *_group(situation, serving),
        *_application(situation, other_application),
        *_template(situation, serving),
        *_health(situation, serving),
        *_neighbours(situation, serving),
    )


def _nobody_serves(situation: Situation) -> Iterator[Finding]:
    if not situation.groups:
        yield Finding("refuse", "no-groups", f"{situation.cluster} has no groups.")
    elif not situation.serving:
        names = ", ".join(group.name for group in situation.groups)
        text = f"None of {names} serves: no healthy instance in a target group that a listener forwards to."
        yield Finding("refuse", "nobody-serves", text)
    else:
        names = " and ".join(situation.serving)
        text = f"{names} serve at the same time; a push needs exactly one. Take traffic from the others first."
        yield Finding("refuse", "several-serve", text)


def _group(situation: Situation, serving: GroupState) -> Iterator[Finding]:
    yield from inherit.refusals(serving)
    yield from inherit.foreign_sources(serving)
    for member, words in _EXTRAS.items():
        names = getattr(situation.extras, member)
        if names:
            text = (
                f"{serving.name} cannot be pushed: it has {words} ({', '.join(names)}), which a push would not carry."
            )
            yield Finding("refuse", "not-carried", text, member)
    if serving.raw.get("EnabledMetrics"):
        text = f"{serving.name} collects group metrics; the next group will not until you enable them there."
        yield Finding("warn", "group-metrics", text, "EnabledMetrics")
    if serving.status:
        yield Finding("refuse", "being-deleted", f"{serving.name} is being deleted ({serving.status}).")
    if not serving.in_service:
        yield Finding("refuse", "empty", f"{serving.name} has no instance in service.")


def _application(situation: Situation, wanted: bool) -> Iterator[Finding]:
    name, cluster = parse(situation.cluster), situation.cluster
    tagged = situation.image.tags.get("application", "") if situation.image else ""
    if situation.image and name and tagged and tagged != name.app:
        text = f"{situation.image.id} is an image of {tagged}, and {cluster} runs {name.app}."
        if not wanted:
            text += " Set the option other_application if that is meant."
        yield Finding("warn" if wanted else "refuse", "other-application", text, "image")


def _template(situation: Situation, serving: GroupState) -> Iterator[Finding]:
    template = situation.template
    if template is None:
        yield Finding("refuse", "no-template", f"{serving.name} does not launch from a launch template.")
        return
    if serving.launch_template and serving.launch_template.version.startswith("$"):
        text = (
            f"{serving.name} launches {serving.launch_template.version} of {template.name}; "
            f"the next group will be pinned to a new version made from version {template.version}."
        )
        yield Finding("note", "unpinned", text, "LaunchTemplate")
    if serving.name in template.user_data:
        text = f"The user data of {template.name} version {template.version} names {serving.name}; it is not rewritten."
        yield Finding("warn", "user-data-names-group", text, "UserData")
    if situation.image and situation.image.id == template.image_id:
        yield Finding("warn", "same-image", f"{situation.image.id} is what {serving.name} runs already.")


def _health(situation: Situation, serving: GroupState) -> Iterator[Finding]:
    ids = {member.id for member in serving.in_service}
    for arn in serving.target_groups:
        name = situation.target_groups[arn].name if arn in situation.target_groups else arn
        sick = sorted(ids - {target.id for target in situation.health.get(arn, ()) if target.healthy})
        if sick:
            text = f"{len(sick)} of {len(ids)} instances of {serving.name} are not healthy in {name} now."
            yield Finding("warn", "not-all-healthy", text, arn)


def _neighbours(situation: Situation, serving: GroupState) -> Iterator[Finding]:
    kept = {item.name for item in situation.kept}
    kept |= {group.name for group in situation.groups if group.status}  # they go by themselves
    others = [group.name for group in situation.groups if group.name != serving.name and group.name not in kept]
    if others:
        verbs = ("stands", "is") if len(others) == 1 else ("stand", "are")
        text = f"{', '.join(others)} {verbs[0]} beside {serving.name} and {verbs[1]} left alone."
        yield Finding("note", "other-groups", text)
