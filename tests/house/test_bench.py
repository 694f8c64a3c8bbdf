"""Benchmarks that miss a goal say so in their last lines, and their status says so too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
from benchmarks import goals
print(goals.at_most("start", {seconds}, 10, "s"))
print(goals.at_least("pushes", {pushes}, 190, "a minute"))
goals.end()
"""


def told(**values: float) -> tuple[int, list[str]]:
    command = [sys.executable, "-c", PROGRAM.format(**values)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


def test_goals_that_are_met_are_told_beside_their_numbers() -> None:
    assert told(seconds=10, pushes=190) == (0, ["goal at most 10 s", "goal at least 190 a minute"])


@pytest.mark.parametrize(
    ("seconds", "pushes", "last"),
    [
        (10.1, 200, "missed: start: 10.1 s, goal at most 10 s"),
        (9, 140, "missed: pushes: 140 a minute, goal at least 190 a minute"),
    ],
)
def test_a_goal_that_is_missed_is_the_last_line_and_the_status(seconds: float, pushes: float, last: str) -> None:
    status, lines = told(seconds=seconds, pushes=pushes)
    assert (status, lines[-1]) == (1, last)
    assert sum(line.endswith(", missed") for line in lines) == 1


def test_every_benchmark_ends_by_its_goals() -> None:
    programs = sorted((ROOT / "benchmarks").glob("bench_*.py"))
    assert programs
    assert [path.name for path in programs if "goals.end()" not in path.read_text()] == []
