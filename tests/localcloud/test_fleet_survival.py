"""What happens to a fleet when its parts die, and how many instances it holds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.localcloud.fleets import Told, image, listens
from tests.localcloud.targets import address, eventually
from tests.processes import alive, below, of

# A control process that does nothing but hold a fleet of two, and says which processes those are.
HOLDER = """
import sys, time
from pathlib import Path
from apps.localcloud.fleet import ForkFleet
from apps.localcloud.interfaces import InstanceSpec
running = []
fleet = ForkFleet(Path(sys.argv[1]), running.append, lambda *_: None)
for number, where in enumerate(sys.argv[3:]):
    fleet.start(InstanceSpec(f"i-{number}", where, Path(sys.argv[2]), "setsid sleep 300 &"))
while len(running) < 2:
    time.sleep(0.01)
print(fleet._process.pid, fleet.pid("i-0"), fleet.pid("i-1"), flush=True)
time.sleep(60)
"""


def test_everything_dies_with_the_master(tmp_path: Path) -> None:
    tree = image(tmp_path / "ami")
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "work"), str(tree), address(), address()]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        server, *instances = map(int, holder.stdout.readline().split())
        left = below(instances[0]) | below(instances[1])
        assert len(left) == 2
        started = of(server, *instances) | left
    finally:
        holder.kill()
        holder.wait()
    eventually(lambda: not alive(started))


def test_a_killed_fork_server_takes_its_instances_along_and_a_new_one_takes_over(tmp_path: Path) -> None:
    tree = image(tmp_path / "ami")
    told = Told(tmp_path / "work")
    try:
        told.boot("i-1", tree, "sleep 300 & echo left behind")
        told.boot("i-2", tree, boot_seconds=60)
        told.up("i-1")
        first = told.fleet.pid("i-1")
        assert first is not None
        started = of(first) | below(first)
        os.kill(told.fleet._process.pid, signal.SIGKILL)
        assert told.ended("i-1") == told.ended("i-2") == -signal.SIGKILL
        eventually(lambda: not alive(started))
        told.boot("i-3", tree)
        told.up("i-3")
    finally:
        told.fleet.close()


def test_close_leaves_nothing(tmp_path: Path) -> None:
    tree = image(tmp_path / "ami")
    told = Told(tmp_path / "work")
    told.boot("i-1", tree, "setsid sleep 300 &")
    told.boot("i-2", tree, boot_seconds=60)
    told.up("i-1")
    server, service = told.fleet._process.pid, told.fleet.pid("i-1")
    assert service is not None
    started = of(server, service) | below(service)
    assert len(started) == 3
    told.fleet.close()
    assert not alive(started)
    told.fleet.close()


def test_two_hundred_instances_are_small_and_soon_up(tmp_path: Path) -> None:
    tree = image(tmp_path / "ami")
    told = Told(tmp_path / "work")
    try:
        for number in range(200):
            told.boot(f"i-{number}", tree, boot_seconds=0.2)
        eventually(lambda: len(told.running) == 200, 60)
        eventually(lambda: all(listens(where) for where in told.addresses.values()), 60)
        pids = [told.fleet.pid(f"i-{number}") for number in range(0, 200, 20)]
        sizes = [_own_memory(pid) for pid in pids if pid is not None]
        assert sum(sizes) / len(sizes) < 8_000_000, sizes
    finally:
        told.fleet.close()
    assert not told.exits  # close tells nothing


def _own_memory(pid: int) -> int:
    """The process's share of memory (PSS) in bytes."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(rollup.partition("Pss:")[2].split()[0]) * 1024
