"""Commits of a clone on this machine, by `git log`. It lies in GIT_CLONES; whoever keeps it there fetches it."""

from __future__ import annotations

import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from apps.images.commits.base import MOST, NOTHING, Between, Told, Unanswered, shortened, source

LONGEST = 4.0  # seconds that git may take for one question
LARGEST = 8 * 1024 * 1024  # bytes that it may print
# Nothing that a clone's own configuration names is run: no hook, pager, file system monitor or signature program,
# and nothing is fetched.
PLAIN = (
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "log.showSignature=false"),
    *("-c", "protocol.allow=never"),
)
FORMAT = "%H%n%an%n%aI%n%B"  # of a commit; NUL ends it, which no commit holds


@dataclass(frozen=True)
class Clone:
    """One clone, bare or not, by its folder."""

    folder: Path

    @property
    def key(self) -> str:
        return str(self.folder)

    def compare(self, before: str, after: str) -> tuple[Between, Between]:
        """By four questions at most; two commits of which one holds the other take three."""
        old, new = self._ids(before, after)
        counted = self._git("rev-list", "--left-right", "--count", "--end-of-options", f"{old}...{new}", "--")
        lost, gained = (int(count) for count in counted.split())
        return self._between(old, new, gained), self._between(new, old, lost)

    def _ids(self, *commits: str) -> list[str]:
        """All the digits of each. They are read by git as input, so that none of them can be an option."""
        asked = "".join(f"{each}^{{commit}}\n" for each in commits)
        lines = self._git("cat-file", "--batch-check=%(objectname)", given=asked).splitlines()
        unknown = [each for each, line in zip(commits, lines, strict=True) if " " in line]
        if unknown:
            said = " nor ".join(unknown)
            raise Unanswered(f"The clone {self.folder.name} does not know the commit {said}: was it fetched since?")
        return lines

    def _between(self, before: str, after: str, total: int) -> Between:
        if not total:
            return NOTHING
        options = ("--no-color", "--no-decorate", "--encoding=UTF-8", f"--max-count={MOST}", f"--format={FORMAT}")
        printed = self._git("log", "-z", *options, "--end-of-options", f"{before}..{after}", "--")
        return Between(tuple(_told(each) for each in printed.split("\0") if each.strip()), total)

    def _git(self, *arguments: str, given: str = "") -> str:
        """What git prints. Raises Unanswered when it fails, takes too long or prints too much."""
        # a clone that another user fetches is as good: git would refuse it
        ours = ("-c", f"safe.directory={self.folder}", *PLAIN, "-C", str(self.folder))
        command = ["git", "--no-pager", *ours, *arguments]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environment(),
            )
        except OSError as error:
            raise Unanswered(f"git cannot be started on the console's machine: {error}.") from error
        with process:
            printed, late = _read(process, given.encode())
        said = printed[1].decode(errors="replace").strip()
        if late:
            raise Unanswered(f"git took longer than {LONGEST:g} s in the clone {self.folder.name}.")
        if len(printed[0]) > LARGEST:
            raise Unanswered(f"git printed more than {LARGEST >> 20} MB of the clone {self.folder.name}.")
        if process.returncode:
            raise Unanswered(f"git cannot read the clone {self.folder.name}: {said[-300:] or process.returncode}")
        return printed[0].decode(errors="replace")

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": "/nonexistent",
            "LC_ALL": "C.UTF-8",
            "GIT_CEILING_DIRECTORIES": str(self.folder.parent),  # a folder within a clone is none
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
        }


def _read(process: subprocess.Popen[bytes], given: bytes) -> tuple[tuple[bytes, bytes], bool]:
    """What it prints, a little more than LARGEST at most, and its errors; and whether it was ended for its time."""
    assert process.stdin  # noqa: S101  # all three are pipes
    assert process.stdout  # noqa: S101
    assert process.stderr  # noqa: S101
    over = threading.Event()

    def end() -> None:
        over.set()
        process.kill()

    timer = threading.Timer(LONGEST, end)
    timer.start()
    try:
        with suppress(BrokenPipeError):  # it ended before it read it
            process.stdin.write(given)  # far less than a pipe holds
            process.stdin.close()
        printed = process.stdout.read(LARGEST + 1)
        if len(printed) > LARGEST:
            process.kill()
        errors = process.stderr.read(4096)
        process.wait()
    finally:
        timer.cancel()
    return (printed, errors), over.is_set()


def _told(record: str) -> Told:
    commit, author, at, message = record.lstrip("\n").split("\n", 3)
    return Told(commit, author, at, shortened(message))


@source
def local(git: str) -> Clone | None:
    """A clone's folder in GIT_CLONES, by its name there or its whole path."""
    if ":" in git:
        return None
    if not settings.GIT_CLONES:
        raise Unanswered(f"{git} is a clone's folder, and the setting GIT_CLONES names no folder in which clones lie.")
    clones = Path(settings.GIT_CLONES).resolve()
    folder = (clones / git).resolve()
    if clones not in folder.parents or not folder.is_dir():
        raise Unanswered(f"There is no clone {git} in the folder that the setting GIT_CLONES names.")
    return Clone(folder)
