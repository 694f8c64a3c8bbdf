"""What the terminal shows: one line for each stage of the start, then how to get in and what to try."""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter
from pathlib import Path

from apps.demo.folders import FOLDER, ROOT, Folders
from apps.demo.record import Record, Sample
from apps.demo.surroundings import HEALTHY_WITHIN, LESSER


def say(line: str) -> None:
    """Prints a line with the time of day. A terminal that has gone away must not stop the stopping."""
    with contextlib.suppress(OSError, ValueError):
        print(f"{time.strftime('%H:%M:%S')}  {line}", flush=True)


def welcome(record: Record, took: float, folders: Folders, *, resumed: bool = False) -> None:
    """The first screen: URL, user, password, and one thing to try in each of three ways."""
    with contextlib.suppress(OSError, ValueError):
        print(text(record, took, folders, resumed=resumed), flush=True)


def text(record: Record, took: float, folders: Folders, *, resumed: bool = False) -> str:
    """The welcome, ready after `took` seconds; paths below the checkout are told from there."""
    told = "" if folders.top == FOLDER else f" --folder {_short(folders.top)}"
    sample = plainest(record.samples)
    image, sick = sample.other_images[0], sample.bad_images["never_healthy"]
    body = {"environment": sample.environment, "region": sample.region, "cluster": sample.cluster, "image": image}
    where = ", where it stopped" if resumed else ""
    baked = _bake(record)
    return f"""
  Ready after {took:.0f} s{where}. {len(record.samples)} sample clusters answer live requests.

    {record.url}
    user      {record.user}   (administrator; the users {" and ".join(LESSER)} have the same password)
    password  {record.password}
    token     {record.token}

  Push another version of {sample.cluster} (it answers at {sample.load_balancer_url}), watch it, roll it back.
  In the browser:

    {record.url}/clusters/{sample.environment}/{sample.region}/{sample.cluster}/

  On the command line, in a second terminal:

    export DEPLOYCONSOLE_URL={record.url} DEPLOYCONSOLE_TOKEN={record.token}
    .venv/bin/deployconsole push {sample.cluster} --image {image} --reason "try a push" --watch
    .venv/bin/deployconsole rollback {sample.cluster} --watch

  Push the version that never becomes healthy: it gives up after {HEALTHY_WITHIN} s and undoes itself.

    .venv/bin/deployconsole push {sample.cluster} --image {sick} --reason "never healthy" --watch
{baked}
  By curl:

    curl -H "Authorization: Bearer $DEPLOYCONSOLE_TOKEN" -H "Content-Type: application/json" \\
      -d '{json.dumps(body)}' \\
      {record.url}/api/v1/deployments/

  Kill what you like, it comes back: .venv/bin/python -m apps.demo.processes{told}

  Ctrl-C stops everything; the next start goes on from there, or anew: make demo ARGS=--fresh.

  Logs: {_short(folders.logs)}. The same facts for scripts: {_short(folders.record)}.
"""


def _bake(record: Record) -> str:
    """How an image is made of what is a package only; empty where nothing can be."""
    sample = next((each for each in record.samples if each.builds), None)
    if sample is None:
        return ""
    return f"""
  Make an image of a build that is a package only, then push it to {sample.cluster}:

    .venv/bin/deployconsole bake {sample.application} {sample.builds[0]} --reason "try a bake" --watch
"""


def _short(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def plainest(samples: list[Sample]) -> Sample:
    """The first sample whose cluster's name alone says which one is meant: it makes the shortest commands."""
    names = Counter(sample.cluster for sample in samples)
    return next((sample for sample in samples if names[sample.cluster] == 1), samples[0])
