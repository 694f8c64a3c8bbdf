"""Building the plan of a strategy that starts the next group beside the serving one: its steps, one method each.

A strategy orders them; what every such push needs is here, once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from apps.cloud.naming import NamingError, next_group_name
from apps.cloud.values import GroupState, LaunchTemplateVersion
from apps.deployments import drivers, inherit, user_data
from apps.deployments.carry.policies import alarm_names
from apps.deployments.errors import Finding, Invalid
from apps.deployments.health import HealthByTargetGroup, healthy_everywhere
from apps.deployments.preflight import push_findings
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation, version_of
from apps.deployments.strategies import carrying
from apps.deployments.strategies.next_group_options import NextGroupOptions
from apps.deployments.strategies.parts import (
    delete_group,
    delete_older_group,
    in_service,
    keep_group,
    share_traffic,
    soak,
    stand_by,
    take_traffic,
    template_version,
    withhold_traffic,
)
from apps.deployments.strategies.push_options import check_alarms
from apps.deployments.timing import boot_seconds
from apps.workflows.counting import instances
from apps.workflows.plans import PlannedStep


def plan(
    situation: Situation, options: NextGroupOptions, steps: Callable[[NextGroup], Iterator[PlannedStep]]
) -> Preview:
    """What a push would do, and what speaks against it; `steps` orders those of the strategy."""
    findings = (*push_findings(situation, other_application=options.other_application), *carrying.findings(situation))
    serving, template = situation.serving_group, situation.template
    to_version, from_version = version_of(situation.image), version_of(situation.from_image)
    if serving is None or template is None or situation.image is None:
        return Preview(f"Push {to_version} to {situation.cluster}", (), findings, to_version=to_version)
    try:
        builder = NextGroup(situation, options, serving, template)
    except NamingError as error:
        findings = (*findings, Finding("refuse", "no-name", str(error)))
        return Preview(f"Push {to_version} to {situation.cluster}", (), findings, to_version=to_version)
    builder.check_sizes()
    findings = (*findings, *check_alarms(situation, options))
    return Preview(
        sentence=f"Push {to_version} to {situation.cluster}, {builder.old_size} → {instances(builder.new_size)}",
        steps=tuple(steps(builder)),
        findings=findings,
        from_group=serving.name,
        to_group=builder.name,
        from_version=from_version,
        to_version=to_version,
        from_image=situation.from_image.id if situation.from_image else template.image_id[:32],
        to_image=situation.image.id,
        from_size=builder.old_size,
        to_size=builder.new_size,
        user_data=user_data.change(situation, builder.name),
    )


class NextGroup:
    """The next group of one push: its name, its sizes, and a method for each step or few."""

    def __init__(
        self,
        situation: Situation,
        options: NextGroupOptions,
        serving: GroupState,
        template: LaunchTemplateVersion,
        size: int | None = None,
    ) -> None:
        """`size` is how many instances it is to have; None: as many as serve now, and the margin."""
        self.situation, self.options, self.serving, self.template = situation, options, serving, template
        newest = situation.newest
        names = [group.name for group in situation.groups]
        self.name = next_group_name(situation.cluster, names, newest.name if newest else None)
        self.old_size = len(serving.in_service)
        self.new_size = self.old_size + math.ceil(self.old_size * options.margin_percent / 100)
        self.min_size = serving.min_size if options.min_size is None else options.min_size
        self.max_size = serving.max_size if options.max_size is None else options.max_size
        if size is not None:
            self.new_size = size
        self.driver = drivers.chosen(situation, serving)
        self.deleted: set[str] = set()  # older groups that make room before the next one is created
        self.place = {
            "environment": situation.environment,
            "region": situation.region,
            "cluster": situation.cluster,
            "driver": self.driver.slug,
        }

    def check_sizes(self) -> None:
        """Raises Invalid where the chosen sizes do not go with the serving group's."""
        if self.min_size > self.max_size:
            field = "options.min_size" if self.options.min_size is not None else "options.max_size"
            raise Invalid(
                {field: [f"Min size would be {self.min_size} and max size {self.max_size}: min is above max."]}
            )
        if self.options.max_size is not None and self.max_size < self.old_size:
            text = f"Max size {self.max_size} is below what serves now, {instances(self.old_size)}."
            raise Invalid({"options.max_size": [text]})

    def start(self, percent: float = 100) -> Iterator[PlannedStep]:
        """The next group comes up beside the serving one; at a part of its size, where `percent` says so.

        It scales by itself from the beginning; its min is held until it has taken all traffic.
        """
        yield from self._prepared()
        yield self._create()
        yield from carrying.carry_over(self.situation, self.name)
        yield self._size(max(1, math.ceil(self.new_size * percent / 100)))

    def stand_by(self) -> Iterator[PlannedStep]:
        """The next group comes up beside the serving one without any traffic, and stands by until the next push."""
        yield from self._prepared()
        yield self._create(stands_by=True)
        yield withhold_traffic(self.place, self.serving, self.name)
        yield from carrying.carry_over(self.situation, self.name)
        yield self._size(self.new_size)
        yield in_service(
            self.place, self.situation, self.name, self.new_size, self.options.healthy_within_seconds, self.driver.exact
        )
        yield from carrying.carry_rest(self.situation, self.name, serves=False)
        yield stand_by(self.place, self.name, self.new_size)

    def _prepared(self) -> Iterator[PlannedStep]:
        """What is there before the next group is."""
        if self.situation.configuration:
            yield from carrying.create_template(self.situation, self.name)
        else:
            yield template_version(self.situation, self.template, self.name)
        prepared = tuple(self.driver.prepare(self.place, self.situation, self.serving, self.name))
        self.deleted = {step.params["group"] for step in prepared if step.kind == "delete-older-group"}
        yield from prepared

    def share_traffic(self, percent: float) -> Iterator[PlannedStep]:
        """A part of the traffic goes to the next group, which grows to that part of the load if it is smaller.

        The serving group scales on by itself; where it has less to do from then on, its min is held meanwhile.
        """
        patience = self.options.healthy_within_seconds
        yield share_traffic(self.place, self.situation, self.serving, self.name, percent, patience)

    def take_traffic(self) -> Iterator[PlannedStep]:
        """All traffic goes to the next group, which then has its own size."""
        yield take_traffic(self.place, self.situation, self.serving, self.name, self.options.healthy_within_seconds)
        yield from self.settle()

    def settle(self) -> Iterator[PlannedStep]:
        """The next group has taken all traffic: it gets its own size, and what it could not have before."""
        yield self._restore()
        yield from carrying.carry_rest(self.situation, self.name)

    def end(self) -> Iterator[PlannedStep]:
        """The soak, and what becomes of the groups that served before."""
        if self.options.old_group == "delete-at-once":
            yield self._delete()
        if self.options.soak_seconds:
            yield soak(self.place, self.options, self.name)
        if self.options.old_group == "delete-after-soak":
            yield self._delete()
        elif self.options.old_group != "delete-at-once":
            yield self._keep()
        for kept in self.situation.kept:
            if kept.name in self.deleted:
                continue
            yield delete_older_group(self.place, self.situation, kept.name, kept.arn)

    def _create(self, *, stands_by: bool = False) -> PlannedStep:
        spec = inherit.parameters(self.serving, self.situation.extras)
        hooks = [hook["LifecycleHookName"] for hook in spec.get("LifecycleHookSpecificationList", ())]
        with_hooks = f", with the lifecycle hooks {', '.join(hooks)}" if hooks else ""
        return PlannedStep(
            "create-group",
            f"Create {self.name} at size 0",
            {
                **self.place,
                "group": self.name,
                "replaces": self.serving.name,
                "healthy_then": len(healthy_everywhere(self.serving, self._health())),
                "desired_then": self.serving.desired,
                "alarms": bool(alarm_names(self.situation.extras.scaling_policies)),  # its undo deletes their copies
                "stands_by": stands_by,  # nothing reaches it, so it carries no load
                "template": self.template.id,  # empty: the one that a step before makes
                "parameters": spec,
            },
            (f"CreateAutoScalingGroup: {self.name} like {self.serving.name}, at size 0{with_hooks}",),
            expected_seconds=1,
        )

    def _health(self) -> HealthByTargetGroup:
        return {source: self.situation.health.get(source, ()) for source in self.serving.registered_with}

    def _size(self, size: int) -> PlannedStep:
        top = max(self.max_size, self.new_size)
        return PlannedStep(
            "size-group",
            f"Size {self.name} to {size}",
            {
                **self.place,
                "group": self.name,
                "size": size,
                "max": top,
                "final": {"min": self.min_size, "max": self.max_size},
                "as": self.serving.name,
                "load": self.old_size if carrying.follows(self.situation) else 0,
            },
            (f"UpdateAutoScalingGroup: {self.name} min {size}, desired {size}, max {top}",),
            expected_seconds=1,
        )

    def healthy(self, *, grows: bool = False) -> PlannedStep:
        """All of the next group is healthy; it `grows` to its size first, if it was started smaller."""
        top, size = max(self.max_size, self.new_size), self.new_size
        grown = f"UpdateAutoScalingGroup: {self.name} min {size}, desired {size}, max {top}"
        return PlannedStep(
            "wait-healthy",
            f"Wait until {self.new_size} of {self.new_size} are healthy",
            {
                **self.place,
                "group": self.name,
                "at_least": self.new_size,
                "sources": list(self.serving.registered_with),
                "as": self.serving.name,
            },
            (grown,) if grows else (),
            timeout_seconds=self.options.healthy_within_seconds,
            expected_seconds=boot_seconds(self.situation),
        )

    def _restore(self) -> PlannedStep:
        left = max(self.min_size, min(self.serving.desired, self.max_size))
        return PlannedStep(
            "restore-size",
            f"Give {self.name} the size of {self.serving.name}",
            {
                **self.place,
                "group": self.name,
                "as": self.serving.name,
                "chosen": {"min": self.options.min_size, "max": self.options.max_size},
            },
            (f"UpdateAutoScalingGroup: {self.name} min {self.min_size}, max {self.max_size}, desired {left} (now)",),
            timeout_seconds=self.options.healthy_within_seconds,
            expected_seconds=1,
        )

    def _delete(self) -> PlannedStep:
        return delete_group(self.place, self.situation, self.serving.name, self.serving.arn, final=True)

    def _keep(self) -> PlannedStep:
        hours = self.options.keep_hours if self.options.old_group == "hours" else None
        until = f"for {hours:g} h" if hours else "until the next push"
        return keep_group(self.place, self.serving.name, self.serving.arn, hours, until)
