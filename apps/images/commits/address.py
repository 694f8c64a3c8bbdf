"""Which project on a server an address names: as people write it, and as they copy it from there or from Git."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

SSH = re.compile(r"(?:ssh://)?git@(?P<host>[\w.-]+)(?::\d+/|[:/])(?P<project>.+)")


def project_of(git: str, prefix: str, server: str) -> str | None:
    """The project's path on `server` (https://github.com), without `.git`; None for an address of elsewhere."""
    if git.startswith(prefix):
        return _plain(git.removeprefix(prefix))
    host = urlsplit(server).hostname
    if found := SSH.fullmatch(git):
        return _plain(found["project"]) if found["host"].lower() == host else None
    if not git.startswith(("https://", "http://")):
        return None
    address, base = urlsplit(git), urlsplit(server).path.rstrip("/")
    if address.hostname != host or not address.path.startswith(f"{base}/"):
        return None
    return _plain(address.path.removeprefix(base))


def _plain(path: str) -> str:
    return path.strip("/").removesuffix(".git")
