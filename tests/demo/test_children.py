"""Processes that the demo keeps alive, with real ones."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.demo import children
from apps.demo.children import Child, Part
from apps.demo.folders import Folders
from apps.demo.house import House
from tests import processes
from tests.processes import alive

SLEEP = "import time; time.sleep(600)"


def part(code: str, name: str = "thing") -> Part:
    return Part(name, [sys.executable, "-c", code], dict(os.environ))


def until(holds: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def tend_until(child: Child, holds: Callable[[], object]) -> None:
    def look() -> object:
        child.tend()
        return holds()

    until(look)


def test_a_process_that_dies_is_started_again_at_once_and_it_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    child = Child(part(SLEEP), tmp_path, said.append)
    try:
        first = child.pid
        os.kill(first, signal.SIGKILL)
        tend_until(child, lambda: child.pid != first)
        second = processes.of(child.pid)
        assert alive(second)
        assert "thing was ended by SIGKILL; it is started again" in said[0]
    finally:
        child.stop()
    assert not alive(second)


def test_a_process_that_keeps_dying_is_started_more_and_more_slowly(tmp_path: Path) -> None:
    said: list[str] = []
    child = Child(part("raise SystemExit(3)"), tmp_path, said.append)
    try:
        tend_until(child, lambda: len(said) >= 3)
    finally:
        child.stop()
    assert "ended with status 3; it is started again now" in said[0]
    assert "again in 1 s" in said[1]
    assert "again in 2 s" in said[2]


def test_a_step_that_fails_shows_the_end_of_its_log(tmp_path: Path) -> None:
    failing = part("import sys; print('what went wrong'); sys.exit(2)", "migrate")
    with pytest.raises(RuntimeError, match=r"migrate ended with status 2(.|\n)*what went wrong"):
        children.finish(children.spawn(failing, tmp_path / "migrate.log"), failing, tmp_path, 20, lambda: None)


def test_a_step_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    slow = part(SLEEP, "migrate")
    begun = children.spawn(slow, tmp_path / "migrate.log")
    started = processes.of(begun.pid)
    with pytest.raises(RuntimeError, match="was ended by SIGTERM"):
        children.finish(begun, slow, tmp_path, 0.1, lambda: None)
    assert not alive(started)


def test_what_was_started_is_stopped_in_reverse_order_even_when_the_start_fails(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folders.clear()
    order = tmp_path / "order"
    with pytest.raises(RuntimeError, match="start failed"):
        _start_two_and_fail(folders, order)
    assert order.read_text() == "second first "


ORDERLY = """
import pathlib, signal, sys, time
def end(*_):
    open({order!r}, "a").write({name!r})
    sys.exit()
signal.signal(signal.SIGTERM, end)
pathlib.Path({ready!r}).touch()
time.sleep(600)
"""


def _start_two_and_fail(folders: Folders, order: Path) -> None:
    marks = {name: folders.state / name for name in ("first ", "second ")}
    with House(folders, lambda _: None, lambda: None) as house:
        for name, mark in marks.items():
            house.keep(part(ORDERLY.format(order=str(order), name=name, ready=str(mark)), name.strip()))
        until(lambda: all(mark.exists() for mark in marks.values()))
        raise RuntimeError("start failed")


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from apps.demo.embedded import process\n"
        f"child = process.spawn([sys.executable, '-c', {SLEEP!r}], Path({str(tmp_path / 'log')!r}))\n"
        "print(child.pid, flush=True); child.wait()"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = processes.of(int(parent.stdout.readline()))
    assert alive(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: not alive(child))
