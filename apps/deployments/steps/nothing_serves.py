"""Making sure, by fresh reads, that nothing serves by the parts that are about to be removed."""

from __future__ import annotations

from apps.deployments.place import APPEARS_WITHIN, LookAgain, Place
from apps.deployments.scaffold import removal
from apps.deployments.scaffold.in_use import in_use
from apps.deployments.steps.base import READ_GROUPS, READ_HEALTH, READ_RULES, CloudStep
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome

READ_LAUNCHES = (
    "autoscaling:DescribeLaunchConfigurations",
    "ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplateVersions",
)


@register
class NothingServes(CloudStep):
    """It fails, and with it the removal before anything is taken away, where something does.

    Groups `going` are deleted next; once they are `deleted`, their instances may be shown for a while.
    """

    slug = removal.IDLE
    calls = (*READ_GROUPS, *READ_HEALTH, *READ_RULES, *READ_LAUNCHES)

    def act(self, context: Context, place: Place) -> Outcome:
        going, deleted = context.params.get("going", ()), context.params.get("deleted", False)
        found = list(in_use(place.target, place.cluster, context.params["ids"], going, targets=not deleted))
        if found and deleted and context.elapsed < APPEARS_WITHIN:
            raise LookAgain(f"{' '.join(found)} Making sure that it is so by now.")
        return Failed(" ".join(found)) if found else Done(f"nothing serves by what was made for {place.cluster}")
