"""Waiting for the builder: it says how far it is on its console, and stops itself when it is done."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.cloud.aws import builders, s3
from apps.cloud.errors import CloudError
from apps.cloud.values import InstanceState
from apps.images.builder import Printed, read, read_report
from apps.images.builder.printed import Inside
from apps.images.models import Bake, Manifest
from apps.images.steps.base import APPEARS_WITHIN, BakeStep, bake_of, gone, pause, target_of
from apps.images.steps.launch_builder import report_key
from apps.images.unlike import unlike
from apps.workflows.context import Context
from apps.workflows.kinds import register
from apps.workflows.plans import Done, Failed, Outcome, Wait

ERROR = re.compile(r"^(error|fatal|e):", re.IGNORECASE)  # how pip, uv, dnf and apt begin the line that tells why
STOPPED = frozenset({"stopping", "stopped"})
LATE = 600.0  # seconds that AWS may take to show what a stopped machine has printed: some types tell it afterwards
MOST_LOG = 1 << 20  # characters of a log that are kept, its last ones
MOST_LIVE = 64 << 10  # of one that grows, all that EC2 keeps of a console
MOST_REPORT = 32 << 20  # bytes that are read from a bucket
DOING = {"install": "installing", "clean": "cleaning up", "manifest": "listing what is inside"}


@register
class AwaitBuilder(BakeStep):
    slug = "await-builder"
    calls = ("ec2:DescribeInstances", "ec2:GetConsoleOutput", "s3:GetObject")

    def act(self, context: Context, bake: Bake) -> Outcome:
        machine = builders.find_builder(target_of(bake), bake.nonce)
        if machine is None and context.elapsed < APPEARS_WITHIN:
            return Wait(pause(context), f"AWS does not show the builder {bake.builder} yet.")
        printed = _printed(bake) if machine else read("", bake.nonce)
        if printed.failed:
            _keep(bake, printed)
            return Failed(_why(printed))
        if machine is None or gone(machine):
            _keep(bake, printed)
            return Failed(f"The builder {bake.builder} was terminated before it was done, by somebody or by AWS.")
        _show(context, bake, printed)
        if machine.state not in STOPPED or (printed.ok and machine.state != "stopped"):
            return Wait(pause(context), _says(bake, machine, printed))
        return Done(_told(_keep(bake, printed))) if printed.ok else self._silent(context, bake, machine, printed)

    def _silent(self, context: Context, bake: Bake, machine: InstanceState, printed: Printed) -> Outcome:
        """It stopped, and its last word is not there: AWS may show it later."""
        since = context.memory.get("silent_since")
        if since is None:
            since = context.elapsed
            context.remember(silent_since=since)
        late = LATE if not printed.began else APPEARS_WITHIN
        if context.elapsed - since < late:
            return Wait(pause(context), f"The builder {machine.id} has stopped; AWS does not show its last words yet.")
        _keep(bake, printed)
        at = f" while {DOING[printed.step]}" if printed.step in DOING else ""
        return Failed(f"The builder {machine.id} stopped{at} without saying that it was done.")

    def given_up(self, context: Context, failed: Failed) -> Outcome:
        """What it printed until then is kept, if it can be had."""
        bake = bake_of(context)
        with contextlib.suppress(CloudError):
            _keep(bake, _printed(bake))
        return failed

    def afresh(self, memory: Mapping[str, Any]) -> dict[str, Any]:
        del memory
        return {}


def _show(context: Context, bake: Bake, printed: Printed) -> None:
    """Keeps what it has printed by now, which people may read at once; what was told at its end stands."""
    if printed.log:
        context.renew()
        rows = Bake.objects.filter(pk=bake.pk, manifest__isnull=True).exclude(log=printed.log)
        rows.update(log=printed.log[-MOST_LIVE:], log_cut=printed.log_cut)


def _printed(bake: Bake) -> Printed:
    return read(builders.printed(target_of(bake), bake.builder), bake.nonce)


def _says(bake: Bake, machine: InstanceState, printed: Printed) -> str:
    if printed.ok:
        return f"The builder {machine.id} is done, and is stopping."
    if not printed.began:
        return f"The builder {machine.id} is starting ({machine.state})."
    doing = DOING.get(printed.step, "about to begin")
    last = next((line.strip() for line in reversed(printed.log.split("\n")) if line.strip()), "")
    return f"The builder {machine.id} is {doing} {bake.package} {bake.version}" + (f": {last[:200]}" if last else ".")


def _why(printed: Printed) -> str:
    what = {"install": "The package could not be installed", "clean": "The builder could not be cleaned up"}
    says = what.get(printed.failed, "The builder could not list what is inside")
    lines = printed.says.split("\n")
    chief = next((line for line in reversed(lines) if ERROR.search(line)), lines[-1])
    others = " / ".join(line for line in lines if line != chief)
    told = f"{says} (status {printed.status}). The builder says: {chief or 'nothing'}"
    return (f"{told}; it also says: {others}" if others else told)[:2000]  # headlines end before the semicolon


def _told(bake: Bake) -> str:
    inside = bake.manifest
    if inside is None:
        return "installed"
    cut = f"{bake.log_cut} bytes of its log are lost" if bake.log_cut else ""
    kept = f"{len(inside.packages)} packages, {len(inside.files)} configuration files"
    return "; ".join(part for part in ("installed", kept, cut, unlike(bake)) if part)


def _keep(bake: Bake, printed: Printed) -> Bake:
    """Keeps log and manifest, from the bucket where the builder put them there; harmless to repeat."""
    log, cut, inside = _report(bake) if printed.sent else (printed.log, printed.log_cut, printed.inside)
    kept = log[-MOST_LOG:]
    cut += len(log.encode()) - len(kept.encode())
    with transaction.atomic():
        row = Bake.objects.select_for_update().get(pk=bake.pk)
        if kept or not row.log:
            row.log, row.log_cut = kept, cut
        if printed.ok and row.manifest is None:
            made = Manifest.objects.create(packages=inside.packages, files=inside.files, lost=inside.lost)
            row.manifest = made
        row.save(update_fields=["log", "log_cut", "manifest"])
    return row


def _report(bake: Bake) -> tuple[str, int, Inside]:
    """Log, its bytes that are lost, and what is inside. Raises CloudError only where it may pass."""
    bucket, key = bake.recipe["bucket"], report_key(bake)
    try:
        log, found = read_report(s3.read_object(target_of(bake), bucket, key, MOST_REPORT))
    except (CloudError, ValueError) as error:
        if getattr(error, "retryable", False):
            raise
        return f"What the builder put into {bucket} as {key} could not be read: {error}", 0, Inside({}, {}, 1)
    return log, 0, found
