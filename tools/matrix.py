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
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from apps.demo.embedded import Postgres, Redis  # noqa: E402 -- importable only from the root of the checkout
from tools import matrix_table  # noqa: E402

PROCESSES = 2
TOLD_EVERY = 30.0  # seconds


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
            for failure in result["failures"]:
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
        command = [sys.executable, "-W", "ignore", "-m", module, "--folder", str(folder), "--seed", str(seed)]
        with (folder / "log").open("wb") as log:
            self._child = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self._say: IO[str] = self._child.stdin  # type: ignore[assignment]  # both are pipes
        self._hear: IO[str] = self._child.stdout  # type: ignore[assignment]
        self._log = folder / "log"

    def ask(self, line: str) -> Any:
        """What the process answers. Raises RuntimeError with the end of its log when it died."""
        self._say.write(f"{line}\n")
        self._say.flush()
        answer = self._hear.readline()
        if not answer:
            raise RuntimeError(f"a process of the matrix ended:\n{self._log.read_text()[-3000:]}")
        return json.loads(answer)

    def stop(self) -> None:
        self._say.close()
        try:
            self._child.wait(60)
        except subprocess.TimeoutExpired:
            self._child.kill()


def run(processes: list[Process], cells: list[str], seed: int) -> Tally:
    """Gives each process the next cell when it has done one."""
    tally = Tally(seed, len(cells))
    todo: SimpleQueue[str] = SimpleQueue()
    for cell in cells:
        todo.put(cell)

    def work(process: Process) -> None:
        while not todo.empty():
            tally.add(process.ask(f"run {todo.get()}"))

    with ThreadPoolExecutor(len(processes)) as pool:
        for done in [pool.submit(work, process) for process in processes]:
            done.result()
    return tally


def derive(processes: list[Process], operations: list[str]) -> list[str]:
    """All cells of the operations, asked of all processes at once."""
    with ThreadPoolExecutor(len(processes)) as pool:
        shares = [operations[number :: len(processes)] for number in range(len(processes))]
        asked = [
            pool.submit(lambda process, share: [process.ask(f"cells {each}") for each in share], process, share)
            for process, share in zip(processes, shares, strict=True)
        ]
        return sorted(cell for done in asked for cells in done.result() for cell in cells)


def known() -> list[str]:
    """The slugs of all operations."""
    code = "import django; django.setup(); from tests.faults import operations; print('\\n'.join(operations.all()))"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.static_settings"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.split()


def chosen(cells: list[str], options: argparse.Namespace) -> Iterator[str]:
    """The cells that were asked for, in an order that the seed gives."""
    order = random.Random(options.seed)  # noqa: S311 -- an order, not a secret
    order.shuffle(cells)
    yield from cells[: options.sample] if options.sample else cells


def main() -> int:
    """The command line; answers 1 when a cell failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--cell", action="append", default=[], help="carry out this one alone")
    parser.add_argument("--operation", action="append", default=[], help="carry out those of this operation alone")
    parser.add_argument("--sample", type=int, default=0, help="carry out so many, chosen by the seed")
    parser.add_argument("--markdown", type=Path, help="write the table into this page")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="dc-matrix-"))
    folder.chmod(0o711)
    postgres, redis = Postgres(folder / "pg"), Redis(folder / "redis")
    processes: list[Process] = []
    try:
        postgres.start()
        redis.start()
        for number in range(min(PROCESSES, len(options.cell) or PROCESSES)):
            module = "tests.faults.laboratory"
            processes.append(Process(module, folder / f"lab{number}", postgres, redis, number, options.seed))
        cells = options.cell or list(chosen(derive(processes, options.operation or known()), options))
        print(f"{len(cells)} cells", flush=True)
        tally = run(processes, cells, options.seed)
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
    print(f"{len(tally.results)} cells: {len(tally.results) - failed} passed, {failed} failed")
    return 1 if failed or len(tally.results) != len(cells) else 0


if __name__ == "__main__":
    sys.exit(main())
