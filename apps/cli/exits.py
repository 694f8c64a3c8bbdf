"""How a command ends. The exit codes are a promise to scripts; docs/reference/command-line.md repeats them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class Exit(IntEnum):
    """The process's exit status."""

    SUCCEEDED = 0  # done; without --watch: accepted
    FAILED = 1  # the deployment failed, or the console had an error of its own
    USAGE = 2  # the command line is wrong
    REFUSED = 3  # the console said no, and nothing was changed
    UNDONE = 4  # the deployment was undone: everything is as it was before
    TIMED_OUT = 5  # --timeout passed; the deployment goes on
    UNREACHABLE = 6  # the console did not answer
    NOT_SIGNED_IN = 7  # no token, or one that is not accepted
    CANCELLED = 8  # stopped by a person before its first step, or as it stood
    INTERRUPTED = 130  # Ctrl-C; the deployment goes on


BY_STATE: Mapping[str, Exit] = {
    "succeeded": Exit.SUCCEEDED,
    "failed": Exit.FAILED,
    "undone": Exit.UNDONE,
    "cancelled": Exit.CANCELLED,
}

HELP = """\b
Exit codes:
  0    succeeded; without --watch: accepted
  1    failed, or the console had an error of its own
  2    the command line is wrong
  3    refused: the console said no, nothing was changed
  4    undone, also after a cancel: everything is as it was before
  5    --timeout passed; the deployment goes on
  6    the console cannot be reached
  7    not signed in
  8    stopped by a person before its first step, or as it stood
  130  Ctrl-C while watching; the deployment goes on
"""


class CommandFailed(Exception):
    """Ends the command with `status` after showing the sentences; `problem` is what --json shows instead."""

    def __init__(self, status: Exit, *sentences: str, problem: Mapping[str, object] | None = None) -> None:
        super().__init__("\n".join(sentences))
        self.status = status
        self.sentences = sentences
        self.problem = problem or {"title": status.name.replace("_", " ").capitalize(), "detail": " ".join(sentences)}
