"""Who may call: the root key made at each start, temporary keys of assumed roles, and the instances' own keys."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Lock

_ID_LETTERS = string.ascii_uppercase + "234567"


class KeyKind(StrEnum):
    ROOT = "root"  # may call everything and assume any role of any account
    ROLE = "role"  # may call everything in its account
    INSTANCE = "instance"  # may publish metrics and nothing else


@dataclass(frozen=True)
class Key:
    access_key_id: str
    secret: str
    account: str
    kind: KeyKind
    arn: str
    user_id: str
    session_token: str | None = None
    expires: datetime | None = None

    def expired(self, now: datetime) -> bool:
        return self.expires is not None and now >= self.expires


def random_id(prefix: str, length: int = 16) -> str:
    """An identifier as IAM makes them: `prefix` and capital letters with digits 2-7."""
    return prefix + "".join(secrets.choice(_ID_LETTERS) for _ in range(length))


class KeyRing:
    """All valid keys. Safe to use from any thread."""

    def __init__(self, root_account: str) -> None:
        self._lock = Lock()
        self._keys: dict[str, Key] = {}
        self._instance_keys: dict[str, Key] = {}
        self.root = self._add(
            Key(
                access_key_id=random_id("AKIA"),
                secret=secrets.token_urlsafe(30),
                account=root_account,
                kind=KeyKind.ROOT,
                arn=f"arn:aws:iam::{root_account}:root",
                user_id=root_account,
            )
        )

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name != "_lock"}

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(state, _lock=Lock())

    def find(self, access_key_id: str) -> Key | None:
        with self._lock:
            return self._keys.get(access_key_id)

    def assume(self, account: str, role: str, session: str, lifetime: timedelta) -> Key:
        """A temporary key of `role` (its name) in `account`; expired ones are forgotten on the way."""
        now = datetime.now(UTC)
        with self._lock:
            self._keys = {name: key for name, key in self._keys.items() if not key.expired(now)}
        return self._add(
            Key(
                access_key_id=random_id("ASIA"),
                secret=secrets.token_urlsafe(30),
                account=account,
                kind=KeyKind.ROLE,
                arn=f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
                user_id=f"{random_id('AROA', 17)}:{session}",
                session_token=secrets.token_urlsafe(120),
                expires=now + lifetime,
            )
        )

    def for_instances(self, account: str) -> Key:
        """The key that every instance of `account` carries; it can only put metrics."""
        with self._lock:
            found = self._instance_keys.get(account)
        if found is not None:
            return found
        made = Key(
            access_key_id=random_id("AKIA"),
            secret=secrets.token_urlsafe(30),
            account=account,
            kind=KeyKind.INSTANCE,
            arn=f"arn:aws:iam::{account}:user/instances",
            user_id=random_id("AIDA", 17),
        )
        with self._lock:
            self._instance_keys.setdefault(account, made)
        return self._add(self._instance_keys[account])

    def _add(self, key: Key) -> Key:
        with self._lock:
            self._keys[key.access_key_id] = key
        return key
