"""Protecting an instance from scale-in, or not any more, because a person wants it so: it stays."""

from __future__ import annotations

from apps.cloud.aws import autoscaling
from apps.deployments.place import Place, existing, find
from apps.deployments.steps.base import READ_GROUPS, CloudStep, sent, tell
from apps.deployments.steps.end_instance import is_there
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Change, Done, Failed, Outcome


@register
class ProtectInstance(CloudStep):
    slug = "protect-instance"
    calls = (*READ_GROUPS, "autoscaling:SetInstanceProtection")
    undo_title = "Have the protection of the instance as it was"

    def act(self, context: Context, place: Place) -> Outcome:
        name, instance, protected = (context.params[key] for key in ("group", "instance", "protected"))
        group = existing(context, place, name)
        if all(member.id != instance for member in group.members):
            return Failed(f"{instance} is no longer in {name}.")
        context.remember(began=True)
        tell(context, _change(place, name, instance, protected=protected))
        sent(
            context,
            lambda: autoscaling.protect_instance(place.target, name, instance, protected=protected),
            began=False,
        )
        return Done()

    def revert(self, context: Context, place: Place) -> Outcome:
        name, instance, protected = (context.params[key] for key in ("group", "instance", "protected"))
        if not context.memory.get("began"):
            return Done("nothing was changed")
        group = find(context, place, name).get(name)
        if group is None or not is_there(group, instance):
            return Done(f"{instance} is gone")
        autoscaling.protect_instance(place.target, name, instance, protected=not protected)
        return Done(changes=(_change(place, name, instance, protected=not protected),))


def _change(place: Place, name: str, instance: str, *, protected: bool) -> Change:
    words = f"{instance} of {name} {'protected from' if protected else 'open to'} scale-in"
    after = {"instance": instance, "protected": protected}
    return place.change("instance_protected" if protected else "instance_unprotected", name, words, after=after)
