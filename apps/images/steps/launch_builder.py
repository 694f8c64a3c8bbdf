"""Launching the machine that installs the package, and seeing to its end."""

from __future__ import annotations

from functools import partial

from apps.cloud.aws import builders, s3
from apps.cloud.errors import Invalid
from apps.cloud.tags import RUN_TAG
from apps.images import builder
from apps.images.models import Bake
from apps.images.steps.base import APPEARS_WITHIN, BakeStep, change, gone, pause, target_of
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Change, Done, Failed, Outcome, Wait

GRACE = 900  # seconds beyond the time-out for which the builder may still send its report
ANOTHER = "IdempotentParameterMismatch"  # what AWS answers to a repeat that is told otherwise, as by a newer URL
READ = "ec2:DescribeInstances"
END = "ec2:TerminateInstances"


@register
class LaunchBuilder(BakeStep):
    slug = "launch-builder"
    undo_title = "Terminate the builder"
    calls = ("ec2:RunInstances", "s3:PutObject", READ, END)  # the PUT is the builder's, by a presigned URL

    def act(self, context: Context, bake: Bake) -> Outcome:
        target = target_of(bake)
        found = builders.find_builder(target, bake.nonce)
        if found is None:
            return self._launch(context, bake)
        if gone(found):
            return Failed(f"The builder {found.id} was terminated as soon as it was launched.")
        also = (partial(Bake.objects.filter(pk=bake.pk).update, builder=found.id),)
        return Done(found.id, {"builder": found.id}, (_made(bake, found.id),), also=also)

    def _launch(self, context: Context, bake: Bake) -> Outcome:
        recipe, target = bake.recipe, target_of(bake)
        url = ""
        if recipe["bucket"]:
            seconds = recipe["timeout_seconds"] + GRACE
            url = s3.presigned_put(target, recipe["bucket"], report_key(bake), seconds)
        context.remember(sent=True)
        try:
            made = builders.launch_builder(
                target,
                image_id=bake.base_image,
                instance_type=recipe["instance_type"],
                user_data=builder.compose(recipe, bake.package, bake.version, bake.nonce, url),
                token=bake.nonce,
                tags=_tags(bake),
                subnet=recipe["subnet"],
                security_groups=tuple(recipe["security_groups"]),
                instance_profile=recipe["instance_profile"],
            )
        except Invalid as error:
            if error.code != ANOTHER:
                raise
            return Wait(pause(context), "The builder was launched; AWS does not show it yet.")
        return Wait(pause(context), f"Builder {made} is being launched.")

    def revert(self, context: Context, bake: Bake) -> Outcome:
        """No builder is left, whoever launched it and wherever the bake stopped."""
        return terminated(context, bake, surely=not context.memory.get("sent"), told="builder" in context.facts)


def report_key(bake: Bake) -> str:
    """Where in its bucket the builder's report goes."""
    return f"bakes/{bake.nonce}.gz"


def terminated(context: Context, bake: Bake, *, surely: bool, told: bool = True) -> Outcome:
    """Terminates the builder. `surely`: where AWS shows none, none is left; `told`: its launch is known.

    One that is known and not shown is terminated by its id: one empty answer is no proof.
    """
    target = target_of(bake)
    found = builders.find_builder(target, bake.nonce)
    if found is None and bake.builder and not context.memory.get("named"):
        builders.terminate(target, bake.builder)
        context.remember(named=True)
        return Wait(pause(context), f"Making sure that the builder {bake.builder} is terminated.")
    if found is None and not surely and context.elapsed < APPEARS_WITHIN:
        return Wait(pause(context), "Making sure that no builder was launched.")
    if found is None or gone(found):
        named = found.id if found and context.memory.get("named") else ""
        ended = context.memory.get("ended", named)
        news: tuple[Change, ...] = () if told or not ended else (_made(bake, ended),)
        news += (change(bake, "builder.terminated", ended, f"Builder {ended} terminated"),) if ended else ()
        return Done(f"{ended} is terminated" if ended else "no builder is left", changes=news)
    context.remember(ended=found.id)
    builders.terminate(target, found.id)
    return Wait(pause(context), f"Builder {found.id} is being terminated.")


def _made(bake: Bake, machine: str) -> Change:
    summary = f"Builder {machine} launched from {bake.base_image}"
    return change(bake, "builder.launched", machine, summary, image=bake.base_image)


def _tags(bake: Bake) -> dict[str, str]:
    return {
        "Name": f"bake {bake.pk} of {bake.package} {bake.version}"[:256],
        "application": bake.application.name,
        RUN_TAG: str(bake.run_id),
    }
