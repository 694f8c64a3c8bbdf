"""The environment variables of the console's processes: random secrets, the embedded servers and cloud."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from apps.demo.folders import ROOT

USER = "demo"  # the administrator that the demo signs in
LESSER = ("operator", "viewer")  # one more user for each other role, of its name; the password is the same
HEALTHY_WITHIN = 40  # seconds; instances boot in seconds here, a sick version need not be waited for longer
ROLE = "deployconsole"  # the role that the console takes in each account of the embedded cloud


@dataclass(frozen=True)
class Cloud:
    """How an AWS API is reached; the root key of the embedded cloud."""

    endpoint: str
    access_key_id: str
    secret_access_key: str


@dataclass(frozen=True)
class Secrets:
    """Made anew for each demo, so that what one gave away opens no other; one that goes on has those it had."""

    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    password: str = field(default_factory=lambda: secrets.token_hex(8))

    def write(self, path: Path) -> None:
        """Readable by its owner only."""
        unfinished = path.with_suffix(".tmp")
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(self), file)
        unfinished.rename(path)

    @classmethod
    def read(cls, path: Path) -> Secrets:
        return cls(**json.loads(path.read_text()))


def tables() -> str:
    """Which tables a database of this code has: told by its migrations, and the releases of what brings others."""
    digest = hashlib.sha256()
    for path in sorted([*ROOT.glob("apps/*/migrations/*.py"), *ROOT.glob("requirements/*.txt")]):
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def plain() -> dict[str, str]:
    """Our own environment without what would lead boto3 to a real account, or Django to other settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DJANGO_"))}
    return kept | {"PYTHONUNBUFFERED": "1"}


def aws(cloud: Cloud) -> dict[str, str]:
    """What boto3 needs, and nothing of this machine's own: no profile, no metadata service."""
    return plain() | {
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "AWS_ACCESS_KEY_ID": cloud.access_key_id,
        "AWS_SECRET_ACCESS_KEY": cloud.secret_access_key,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def console(database: str, broker: str, hidden: Secrets) -> dict[str, str]:
    """The settings of the console itself, as docs/reference/settings.md lists them."""
    return {
        "DJANGO_SETTINGS_MODULE": "deployconsole.settings",
        "DATABASE_URL": database,
        "REDIS_URL": broker,
        "SECRET_KEY": hidden.secret_key,
        "DEBUG": "0",
        "HTTPS": "0",  # on the loopback address only
        "PLAIN_STATIC": "1",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "SYNC_SECONDS": "15",
        "HEALTHY_WITHIN_SECONDS": str(HEALTHY_WITHIN),
        "METRICS_PERIOD": "10",  # the samples publish at high resolution, so that a page shows what goes on now
    }
