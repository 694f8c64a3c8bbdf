"""A real Git repository with commits in it, made as people make them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

AUTHOR = {"GIT_AUTHOR_NAME": "Maria", "GIT_AUTHOR_EMAIL": "maria@example.com"}
COMMITTER = {"GIT_COMMITTER_NAME": "Maria", "GIT_COMMITTER_EMAIL": "maria@example.com"}
ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def git(folder: Path, *arguments: str, at: int = 0, given: str = "") -> str:
    """Runs git in a folder; commits are made `at` so many seconds after a fixed moment."""
    when = f"{1_790_000_000 + at} +0000"
    environment = os.environ | AUTHOR | COMMITTER | ALONE | {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], input=given, env=environment, text=True, capture_output=True, check=True
    )
    return done.stdout.strip()


def repository(folder: Path) -> Path:
    """An empty one."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    return folder


def commit(folder: Path, message: str, at: int = 0) -> str:
    """One more commit, which changes nothing; its id."""
    git(folder, "commit", "--quiet", "--allow-empty", "--file=-", at=at, given=message)
    return git(folder, "rev-parse", "HEAD")
