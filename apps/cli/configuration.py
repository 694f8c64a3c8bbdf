"""Which console, and as whom: from the environment, else from what `deployconsole login` stored."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from apps.cli.exits import CommandFailed, Exit

URL, TOKEN = "DEPLOYCONSOLE_URL", "DEPLOYCONSOLE_TOKEN"  # the variable's name, not a token


@dataclass(frozen=True)
class Access:
    url: str
    token: str


def path() -> Path:
    """Where `login` stores what it is given: below $XDG_CONFIG_HOME, else ~/.config."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path(os.environ.get("HOME") or "/nonexistent") / ".config"
    return Path(base) / "deployconsole" / "access.json"


def load() -> Access:
    """The access to use; each environment variable wins over the file. Raises CommandFailed when there is none."""
    stored = _stored()
    url = os.environ.get(URL) or stored.get("url", "")
    token = os.environ.get(TOKEN) or (stored.get("token", "") if url == stored.get("url") or not url else "")
    if not url or not token:
        missing = " and ".join(name for name, value in ((URL, url), (TOKEN, token)) if not value)
        raise CommandFailed(Exit.NOT_SIGNED_IN, f"Not signed in. Run `deployconsole login URL`, or set {missing}.")
    return Access(checked(url), token)


def store(access: Access) -> Path:
    """Writes the access, readable by its owner only, whole or not at all. Raises CommandFailed."""
    target = path()
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = target.with_suffix(f".{os.getpid()}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"url": access.url, "token": access.token}, file)
        unfinished.rename(target)
    except OSError as error:
        raise CommandFailed(
            Exit.FAILED, f"{target} cannot be written ({error.strerror}). Set {URL} and {TOKEN} instead."
        ) from error
    return target


def checked(url: str) -> str:
    """The URL without a trailing slash. Raises CommandFailed when it is none."""
    if not url.startswith(("http://", "https://")):
        raise CommandFailed(Exit.USAGE, f"{url!r} is no URL: it begins with http:// or https://.")
    return url.rstrip("/")


def _stored() -> dict[str, str]:
    try:
        content = json.loads(path().read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CommandFailed(Exit.NOT_SIGNED_IN, f"{path()} cannot be read: {error}. Sign in again.") from error
    return content if isinstance(content, dict) else {}
