"""Making one part of a scaffold, and taking one away: each looks for it first, by its name, and knows ours by a tag."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from django.db.models.functions import Now

from apps.cloud.errors import AlreadyExists, InUse, Invalid, NotFound
from apps.cloud.tags import RUN_TAG
from apps.deployments.models import Deployment, ScaffoldPart
from apps.deployments.place import APPEARS_WITHIN, LookAgain, Place
from apps.deployments.scaffold import kinds
from apps.deployments.scaffold.kinds.base import APPLICATION_TAG, CLUSTER_TAG, ENVIRONMENT_TAG, At, Kind, Seen
from apps.deployments.steps.base import CloudStep, attempt, pause
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Change, Done, Failed, Outcome, Wait

GROUP = "group"


def _by_noun(*members: str) -> dict[str, tuple[str, ...]]:
    """The calls of each kind of part, out of these of its members."""
    return {
        noun: tuple(dict.fromkeys(call for member in members for call in getattr(kind, member)))
        for noun, kind in kinds.all().items()
    }


class PartStep(CloudStep):
    """A step about one part, which its parameter `part` describes; `ids` are those of the parts that it needs."""

    calls_by: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def calls_for(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        return self.calls_by[params["part"]["noun"]]


@register
class MakePart(PartStep):
    """Its undo takes away what this run made; before a first group nothing served, so no guard holds that back."""

    slug = "make-part"
    calls_by = _by_noun("reading", "making", "removing")
    undo_title = "Take away what was made"

    def act(self, context: Context, place: Place) -> Outcome:
        kind, at = _of(context, place)
        seen = kind.look(at)
        if seen is None:
            return self._make(context, place, kind, at)
        if not seen.is_of_run(context.run_id):
            _may_be_late(context, seen)
            return Failed(f"Somebody else made the {kind.words} {at.name} meanwhile; it is left alone.")
        further = kind.complete(at, seen)
        if further:
            return attempt(context, further, f"The {kind.words} {at.name} is being completed.")
        if not seen.ready:
            return Wait(pause(context), f"The {kind.words} {at.name} is not ready yet.")
        change = _told(place, kind, at, "made", after={"id": seen.id})
        settings = {**at.settings, **seen.kept}
        written = partial(_rows(context).update, made_at=Now(), resource=seen.id, settings=settings)
        facts = {_key(context): seen.id, **kind.facts(at)}
        return Done(f"{kind.words} {at.name}", facts, (change,), also=(written,))

    def _make(self, context: Context, place: Place, kind: Kind, at: At) -> Outcome:
        before = context.memory.get("sent", False)
        context.remember(sent=True)  # under the lease: whoever has lost it writes no row either
        _write_down(context)
        says = f"The {kind.words} {at.name} is being made."
        try:
            kind.make(at, _labels(context, place))
        except AlreadyExists as error:
            return Wait(pause(context), f"{says} AWS says: {error}")
        except (NotFound, Invalid, InUse) as error:
            if not before:
                raise
            return Wait(pause(context), f"{says} AWS says: {error}")  # a repeat of one that may have taken effect
        return Wait(pause(context), says)

    def revert(self, context: Context, place: Place) -> Outcome:
        kind, at = _of(context, place)
        if not context.memory.get("sent"):
            return Done(f"no {kind.words} was made")
        seen = _look(context, kind, at)
        if seen is None:
            return _gone(context, place, kind, at)
        if not seen.is_of_run(context.run_id):
            _may_be_late(context, seen)
            return Done(f"{at.name} is not ours and is left alone", also=(_rows(context).delete,))
        return _remove(context, kind, at, seen)


@register
class RemovePart(PartStep):
    """Only what our rows name, and our tags; what is gone by now, or somebody else's, is struck off. Never a group."""

    slug = "remove-part"
    calls_by = {**_by_noun("reading", "removing"), GROUP: kinds.of(GROUP).reading}

    def act(self, context: Context, place: Place) -> Outcome:
        kind, at = _of(context, place)
        seen = _look(context, kind, at)
        if seen is None:
            context.remember(shown_since=None)
            return _gone(context, place, kind, at)
        if kind.noun == GROUP:
            return _group_shown(context, at)
        if not seen.is_ours(place.cluster, place.environment):
            return Done(f"{at.name} is not ours and is left alone", also=(_struck_off(context),))
        return _remove(context, kind, at, seen)


def _look(context: Context, kind: Kind, at: At) -> Seen | None:
    """Raises LookAgain for one that we took away, and that went between two answers about it."""
    try:
        return kind.look(at)
    except NotFound as error:
        if not context.memory.get("deleting"):
            raise
        raise LookAgain(f"The {kind.words} {at.name} is going.") from error


def _of(context: Context, place: Place) -> tuple[Kind, At]:
    part, known = context.params["part"], context.params.get("ids", {})
    made = {key: value for key, value in context.facts.items() if isinstance(value, str)}
    return kinds.of(part["noun"]), At(place.target, part["name"], part["settings"], {**known, **made})


def _key(context: Context) -> str:
    return str(context.params["key"])


def _rows(context: Context) -> Any:
    part = context.params["part"]
    cluster = Deployment.objects.filter(run_id=context.run_id).values("cluster")
    return ScaffoldPart.objects.filter(
        cluster__in=cluster, noun=part["noun"], name=part["name"], removed_at__isnull=True
    )


def _write_down(context: Context) -> None:
    """The row of what is about to be made; that of one which is gone, and was never taken away, becomes its row."""
    part = context.params["part"]
    deployment = Deployment.objects.get(run_id=context.run_id)
    ScaffoldPart.objects.update_or_create(
        cluster_id=deployment.cluster_id,
        noun=part["noun"],
        name=part["name"],
        removed_at=None,
        defaults={"deployment": deployment, "settings": part["settings"], "resource": "", "made_at": None},
    )


def _struck_off(context: Context) -> Any:
    return partial(_rows(context).update, removed_at=Now())


def _labels(context: Context, place: Place) -> dict[str, str]:
    """What a part says of itself on AWS."""
    return {
        APPLICATION_TAG: context.params["application"],
        ENVIRONMENT_TAG: place.environment,
        CLUSTER_TAG: place.cluster,
        RUN_TAG: str(context.run_id),
    }


def _may_be_late(context: Context, seen: Seen) -> None:
    """Raises LookAgain while the tags of what we asked for may only be shown late."""
    unknown = seen.tags is not None and RUN_TAG not in seen.tags
    if unknown and context.memory.get("sent") and context.elapsed < APPEARS_WITHIN:
        raise LookAgain("It stands; making sure of who made it.")


def _group_shown(context: Context, at: At) -> Outcome:
    """One that was deleted may be shown once more; what is shown all the time stands."""
    since = context.memory.get("shown_since")
    since = context.elapsed if since is None else since
    context.remember(shown_since=since)
    if context.elapsed - since < APPEARS_WITHIN:
        return Wait(pause(context), f"The group {at.name} is shown; making sure whether it stands.")
    return Failed(f"The group {at.name} stands. Delete it first.")


def _remove(context: Context, kind: Kind, at: At, seen: Seen) -> Outcome:
    context.remember(deleting=True)
    says = f"The {kind.words} {at.name} is being taken away."
    return attempt(context, partial(kind.remove, at, seen), says)


def _gone(context: Context, place: Place, kind: Kind, at: At) -> Outcome:
    """It is not shown: gone where we took it away, else gone once it surely is."""
    deleted = context.memory.get("deleting", False)
    if not deleted and context.elapsed < APPEARS_WITHIN:
        return Wait(pause(context), f"Making sure that no {kind.words} {at.name} is left.")
    changes = (_told(place, kind, at, "removed"),) if deleted else ()
    says = f"{kind.words} {at.name} taken away" if deleted else f"there was no {kind.words} {at.name}"
    return Done(says, changes=changes, also=(_struck_off(context),))


def _told(place: Place, kind: Kind, at: At, what: str, after: Mapping[str, Any] | None = None) -> Change:
    words = {"made": "made", "removed": "taken away"}[what]
    if kind.noun == GROUP:
        summary = f"{at.name} {'created' if what == 'made' else 'deleted'}"
        return place.change("created" if what == "made" else "deleted", at.name, summary, after=after)
    more = f" for {', '.join(_named(at))}" if what == "made" and list(_named(at)) else ""
    summary = f"{kind.words[:1].upper()}{kind.words[1:]} {at.name} {words}{more}"
    return replace(place.change("", at.name, summary, after=after), kind=f"scaffold.{what}")


def _named(at: At) -> Iterable[str]:
    """The names of the parts that it needs."""
    return [str(each).rpartition(":")[2] for each in at.settings.values() if str(each).startswith("part:")]
