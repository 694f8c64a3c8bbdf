"""The throwaway root: that what an install script takes is bounded, whoever starts it."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from apps.images.checks import Asked, read
from tests.images.throwaway import COMMAND, MARK, Inside, group, inside, marked, python, told

__all__ = ["inside"]


def test_processes_that_multiply_are_bounded_and_end(inside: Inside) -> None:
    parts = inside(
        python(
            "import os, time",
            "made = 0",
            "try:",
            "    while made < 1000:",
            "        if os.fork() == 0:",
            f"            os.execlp('sleep', '{MARK}-many', '60')",
            "        made += 1",
            "except BlockingIOError:",
            "    print('no more than', made)",
        ),
        processes=40,
    )
    assert 0 < int(parts["install"]["text"].split()[-1]) < 40
    assert marked(f"{MARK}-many") == []


def test_memory_is_bounded_for_all_together(inside: Inside) -> None:
    hog = "import time; held = b'x' * (40 << 20); time.sleep(60)"
    parts = inside(f'for each in 1 2 3 4; do python3 -c "{hog}" & done; wait', memory=100 << 20)
    assert parts["over"]["why"] == "memory"


def test_a_control_group_takes_all_of_it_in() -> None:
    """What is held by no process counts there, too."""
    hog = python(
        "import os",
        "made = os.memfd_create('hog')",
        "for _ in range(128):",
        "    os.write(made, bytes(1 << 20))",
        "print('held')",
    )
    with group(64 << 20) as folder:
        if folder is None:
            pytest.skip("no control group of memory can be made here")
        given = told(hog, "root", cgroups=(str(folder),)).packed()
        done = subprocess.run(COMMAND, input=given, env={}, cwd="/", stdout=subprocess.PIPE, check=False)
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    found = read.result(Asked({}, "shop", "1.0", 20.0), lines)
    assert found.outcome == "failed", "not that no check is offered"
    assert "held" not in found.log


def test_files_are_bounded(inside: Inside) -> None:
    """Each of them, and all together."""
    much = "head -c 30000000 /dev/zero >/srv/much; stat -c %s /srv/much; "
    many = "for each in 1 2 3 4; do head -c 4000000 /dev/zero >/tmp/$each; done; du -sb /tmp /srv | cut -f1"
    parts = inside(much + many, files=10 << 20)
    largest, *together = map(int, re.findall(r"^\d+$", parts["install"]["text"], re.MULTILINE))
    assert largest <= 10 << 20
    assert sum(together) <= 10 << 20


def test_what_never_ends_is_ended_and_what_it_said_is_kept(inside: Inside) -> None:
    parts = inside("echo began; while :; do :; done", seconds=1.0)
    assert parts["over"]["why"] == "time"
    assert parts["install"]["text"] == "began\n"


def test_much_output_is_cut_to_its_end(inside: Inside) -> None:
    part = inside("head -c 5000000 /dev/zero | tr '\\0' a; echo; echo last")["install"]
    assert len(part["text"]) <= 64 << 10
    assert part["text"].endswith("a\nlast\n")
    assert part["cut"] + len(part["text"]) == 5_000_006
