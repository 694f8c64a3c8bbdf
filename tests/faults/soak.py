"""`python -m tests.faults.soak --minutes 5`: pushes and rollbacks under traffic while workers are killed at random.

Prints every deployment and kill; the last line says how many requests failed. Ends with 1 when one did.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.laboratory import set_up
from tests.faults.stage import Stage

if TYPE_CHECKING:
    from tests.faults.world import World
    from tests.load import LoadResult

SHARED = "shared-target-group"  # as `operations` has it, which needs Django
DRIVERS = (SHARED, "weighted-target-groups", "classic-elb")
RATE = 100.0  # requests a second
BETWEEN_KILLS = (4.0, 12.0)  # seconds


@dataclass
class Soaked:
    """What a soak saw."""

    load: LoadResult
    deployments: int = 0
    kills: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = f"{self.deployments} deployments, {self.kills} workers killed, {self.load.total} requests"
        return "\n".join([*self.wrong, f"{told}: {len(self.load.failures)} failed"])


def soak(stage: Stage, seconds: float, seed: int, say: Callable[[str], None] = print, driver: str = SHARED) -> Soaked:
    """Pushes and rolls back in turn, by a traffic driver, each once at least, until the time is over."""
    from tests.faults import recipes
    from tests.faults.real import make_world
    from tests.load import LoadClient

    chance = random.Random(seed)  # noqa: S311 -- a choice, not a secret
    world = make_world(stage, "soak-prod")
    recipes.DRIVERS[driver](world.account, world.service)
    recipes.choose(world.cluster, driver)
    over = threading.Event()
    kills: list[int] = []
    killer = threading.Thread(target=_kill, args=[stage, chance, over, kills, say], daemon=True)
    client = LoadClient(world.service.url, RATE)
    client.start()
    killer.start()
    try:
        wrong, deployments = _deploy(world, time.monotonic() + seconds, say)
    finally:
        over.set()
        killer.join()
        load = client.stop()
    wrong += [f"a request failed: {failure.reason}" for failure in load.failures]
    return Soaked(load, deployments, len(kills), wrong)


def _deploy(world: World, until: float, say: Callable[[str], None]) -> tuple[list[str], int]:
    from tests.faults.real import await_end
    from tests.faults.scenarios import acts

    wrong: list[str] = []
    count = 0
    while time.monotonic() < until or count < 2:
        back = count % 2 == 1
        deployment = acts.rollback(world) if back else acts.push(world)
        run = await_end(deployment)
        count += 1
        say(f"{deployment}: {run.state}")
        if run.state != "succeeded":
            wrong.append(f"{deployment} ended {run.state}: {run.failure or run.says}")
            break
    return wrong, count


def _kill(
    stage: Stage, chance: random.Random, over: threading.Event, kills: list[int], say: Callable[[str], None]
) -> None:
    while not over.wait(chance.uniform(*BETWEEN_KILLS)):
        worker = chance.choice(stage.workers)
        say(f"SIGKILL to worker {worker.number}")
        kills.append(worker.number)
        worker.kill()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Push and roll back under traffic while workers are killed.")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--driver", default=SHARED, choices=DRIVERS, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="dc-soak-") as folder:
        Path(folder).chmod(0o711)
        stage = Stage(Path(folder))
        try:
            stage.start_servers()
            set_up()
            logging.disable(logging.CRITICAL)
            stage.start_workers()
            result = soak(stage, options.minutes * 60, options.seed, driver=options.driver)
        finally:
            stage.stop()
    print(result.load)
    print(result)
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
