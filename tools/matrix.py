"""`python tools/matrix.py`: every AWS call of every operation x every fault; the last line says how many passed.

make matrix                              all cells
make matrix ARGS="--sample 60"           some of them, chosen by the seed
make matrix ARGS="--cell CELL"           this one, as a failure printed it; may be given several times
make matrix ARGS="--operation push"      those of one operation; may be given several times
make matrix ARGS="--markdown docs/explanation/safety.md"   also writes the table into that page
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from apps.demo.embedded import Postgres, Redis  # noqa: E402 -- importable only from the root of the checkout
from tests.faults.calls import parse  # noqa: E402
from tools import matrix_table  # noqa: E402
from tools.matrix_work import Work  # noqa: E402

PROCESSES = 3
TOLD_EVERY = 30.0  # seconds
REAL = "real-"  # cells of the street: with real processes
STREET = "tests.faults.street"
SEQUENCES = 20  # random ones by each laboratory, at the end of a whole run
GOAL = 45  # minutes
FEWEST, FEWEST_REAL = 14000, 80  # cells of a whole run: with fewer, calls were not recorded


@dataclass
class Tally:
    """What came of the cells so far."""

    seed: int
    total: int
    results: list[dict[str, Any]] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    told: float = field(default_factory=time.monotonic)

    @property
    def failed(self) -> list[dict[str, Any]]:
        return [result for result in self.results if result["failures"]]

    def add(self, result: dict[str, Any]) -> None:
        """Notes a result; prints it if it failed, and now and then how far it is."""
        self.results.append(result)
        if result["failures"]:
            print(f'FAILED  make matrix ARGS="--seed {self.seed} --cell {result["cell"]}"')
            for failure in (*result["failures"], f"it ended {result['ended']}"):
                print(f"        {failure}")
        if time.monotonic() - self.told > TOLD_EVERY:
            self.told = time.monotonic()
            took = time.monotonic() - self.began
            print(f"{len(self.results)} of {self.total} cells, {len(self.failed)} failed, {took:.0f} s", flush=True)


class Process:
    """One process that carries out cells, with its own cloud and database."""

    def __init__(self, module: str, folder: Path, postgres: Postgres, redis: Redis, number: int, seed: int) -> None:
        folder.mkdir()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DJANGO_"))},
            "DATABASE_URL": postgres.create(f"matrix{number}"),
            "REDIS_URL": redis.url,
            "SECRET_KEY": "only-for-the-matrix-" + "x" * 50,
            "HTTPS": "0",
            "PLAIN_STATIC": "1",
        }
        first = [] if module == STREET else ["nice", "-n", "5"]
        command = [*first, sys.executable, "-W", "ignore", "-m", module, "--folder", str(folder), "--seed", str(seed)]
        with (folder / "log").open("wb") as log:
            self._child = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self._say: IO[str] = self._child.stdin  # type: ignore[assignment]  # both are pipes
        self._hear: IO[str] = self._child.stdout  # type: ignore[assignment]
        self._log = folder / "log"

    def tell(self, line: str) -> None:
        self._say.write(f"{line}\n")
        self._say.flush()

    def hear(self) -> Any:
        """The next line that the process says. Raises RuntimeError with the end of its log when it died."""
        answer = self._hear.readline()
        if not answer:
            raise RuntimeError(f"a process of the matrix ended:\n{self._log.read_text()[-3000:]}")
        return json.loads(answer)

    def ask(self, line: str) -> Any:
        """What the process answers. Raises RuntimeError."""
        self.tell(line)
        return self.hear()

    def stop(self) -> None:
        self._say.close()
        try:
            self._child.wait(60)
        except subprocess.TimeoutExpired:
            self._child.kill()


def run(labs: list[Process], street: Process | None, cells: list[str], seed: int) -> Tally:
    """Gives each lab the next cell when it has done one; the street all of its cells at once."""
    tally = Tally(seed, len(cells))
    work: Work[Process] = Work(cell for cell in cells if not cell.startswith(REAL))
    with ThreadPoolExecutor(len(labs) + 1) as pool:
        working = [pool.submit(_work, lab, work, tally) for lab in labs]
        if street:
            working.append(pool.submit(_go, street, [cell for cell in cells if cell.startswith(REAL)], tally))
        for done in working:
            done.result()
    return tally


def _work(lab: Process, work: Work[Process], tally: Tally) -> None:
    while cell := work.next(lab):
        tally.add(lab.ask(f"run {cell}"))


def _go(street: Process, cells: list[str], tally: Tally) -> None:
    for cell in cells:
        street.tell(f"run {cell}")
    street.tell("go")
    for _ in cells:
        tally.add(street.hear())


def at_random(labs: list[Process], seed: int) -> list[str]:
    """Random sequences of operations and faults in all labs at once, each by a seed of its own: what went wrong."""
    with ThreadPoolExecutor(len(labs)) as pool:
        asked = [pool.submit(lab.ask, f"sequences {SEQUENCES} {seed + at}") for at, lab in enumerate(labs)]
        again = "MATRIX_SEED={} MATRIX_SEQUENCES={} .venv/bin/pytest tests/faults/test_sequences.py"
        return [
            f"FAILED  {again.format(seed + at, SEQUENCES)}\n{told}"
            for at, each in enumerate(asked)
            if (told := each.result())
        ]


def derive(processes: list[Process], operations: list[str]) -> list[str]:
    """All cells of the operations, asked of all processes at once."""
    with ThreadPoolExecutor(len(processes)) as pool:
        shares = [operations[number :: len(processes)] for number in range(len(processes))]
        asked = [
            pool.submit(lambda process, share: [process.ask(f"cells {each}") for each in share], process, share)
            for process, share in zip(processes, shares, strict=True)
        ]
        return sorted(cell for done in asked for cells in done.result() for cell in cells)


def known() -> dict[str, list[str]]:
    """The slugs of all operations, of those with real processes, and of all kinds of steps that call AWS."""
    code = (
        "import json, django; django.setup(); from apps.workflows import kinds; from tests.faults import operations;"
        "calling = [slug for slug in sorted(kinds.slugs()) if getattr(kinds.kind(slug), 'calls', ())];"
        "from tests.faults.real import LOSING, PREFIX, STRUCK; real = [PREFIX + slug for slug in (*STRUCK, *LOSING)];"
        "own = [slug for slug, each in operations.all().items() if each.calls and not each.like];"  # of their own
        "every = list(operations.all());"
        "print(json.dumps({'operations': every, 'own': own, 'real': real, 'kinds': calling}))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.static_settings"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def chosen(cells: list[str], options: argparse.Namespace) -> Iterator[str]:
    """The cells that were asked for, in an order that the seed gives."""
    order = random.Random(options.seed)  # noqa: S311 -- an order, not a secret
    order.shuffle(cells)
    yield from cells[: options.sample] if options.sample else cells


def lacking(cells: Collection[str]) -> Iterator[str]:
    """Why these can not be all cells."""
    if len(cells) < FEWEST or sum(cell.startswith(REAL) for cell in cells) < FEWEST_REAL:
        yield f"A whole run has at least {FEWEST} cells, {FEWEST_REAL} of them with real processes."
    struck = {parse(cell.split(":")[1]).step.partition(".")[2] for cell in cells}
    operations, all_known = {cell.split(":")[0] for cell in cells}, known()
    yield from (f"No call of the step {kind} is struck." for kind in all_known["kinds"] if kind not in struck)
    wanted = (*all_known["own"], *all_known["real"])
    yield from (f"No call of the operation {each} is struck." for each in wanted if each not in operations)


def _wants_real(options: argparse.Namespace) -> bool:
    named = [*options.cell, *options.operation]
    return any(each.startswith(REAL) for each in named) if named else not options.lite


def _all_cells(labs: list[Process], street: Process | None, operations: list[str]) -> list[str]:
    lite = [each for each in operations if not each.startswith(REAL)] if operations else known()["operations"]
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(street.ask, "cells") if street else None
        cells = derive(labs, lite)
        real = asked.result() if asked else []
    if operations:
        real = [cell for cell in real if cell.split(":")[0] in operations]
    return [*cells, *real]


def main() -> int:
    """The command line; answers 1 when a cell failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--cell", action="append", default=[], help="carry out this one alone")
    parser.add_argument("--operation", action="append", default=[], help="carry out those of this operation alone")
    parser.add_argument("--lite", action="store_true", help="leave out those with real processes")
    parser.add_argument("--sample", type=int, default=0, help="carry out so many, chosen by the seed")
    parser.add_argument("--markdown", type=Path, help="write the table into this page")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="dc-matrix-"))
    folder.chmod(0o711)
    postgres, redis = Postgres(folder / "pg"), Redis(folder / "redis")
    processes: list[Process] = []
    try:
        postgres.start()
        redis.start()

        def begin(module: str) -> Process:
            number = len(processes)
            made = Process(
                f"tests.faults.{module}", folder / f"{module}{number}", postgres, redis, number, options.seed
            )
            processes.append(made)
            return made

        street = begin("street") if _wants_real(options) else None
        labs = [begin("laboratory") for _ in range(min(PROCESSES, len(options.cell) or PROCESSES))]
        cells = options.cell or list(chosen(_all_cells(labs, street, options.operation), options))
        print(f"{len(cells)} cells", flush=True)
        tally = run(labs, street, cells, options.seed)
        whole = not (options.cell or options.operation or options.sample or options.lite)
        wrong = at_random(labs, options.seed) if whole else []
    finally:
        for process in processes:
            process.stop()
        redis.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if options.markdown:
        matrix_table.write(options.markdown, tally.results)
    print(matrix_table.summary(tally.results))
    failed = len(tally.failed)
    few = list(lacking(cells)) if whole else []
    print("\n".join([*wrong, *few]), end="\n" if wrong or few else "")
    if whole:
        print(f"{SEQUENCES * len(labs)} random sequences: {len(wrong)} of {len(labs)} batches failed")
        print(f"{(time.monotonic() - began) / 60:.1f} minutes; goal {GOAL} on two cores that do nothing else")
    print(f"{len(tally.results)} cells: {len(tally.results) - failed} passed, {failed} failed")
    return 1 if failed or few or wrong or len(tally.results) != len(cells) else 0


if __name__ == "__main__":
    sys.exit(main())
