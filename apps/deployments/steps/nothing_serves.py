"""Making sure, by fresh reads, that nothing serves by the parts that are about to be removed."""

from __future__ import annotations

from apps.deployments.place import Place
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
    """It fails, and with it the removal before anything is taken away, where something does."""

    slug = removal.IDLE
    calls = (*READ_GROUPS, *READ_HEALTH, *READ_RULES, *READ_LAUNCHES)

    def act(self, context: Context, place: Place) -> Outcome:
        found = list(in_use(place.target, place.cluster, context.params["ids"]))
        return Failed(" ".join(found)) if found else Done(f"nothing serves by what was made for {place.cluster}")
