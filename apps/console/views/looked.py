"""What a form that shows first and starts then has looked at: only what was shown is started."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from apps.cloud.errors import CloudError

P = TypeVar("P")  # what the form previews


@dataclass
class Looked(Generic[P]):
    """What looking brought: a preview, or the problem that stands in its way.

    `print` is the fingerprint of what was previewed; `deployment` the one that was started.
    """

    preview: P | None = None
    problem: str = ""
    status: int = 200
    print: str = ""
    deployment: int | None = None
    changed: bool = False  # something else had been shown before

    def seen(self, shown: str) -> bool:
        """Whether this is what was shown, by the fingerprint that the page sent back; the page says where it is not."""
        self.changed = shown != self.print
        return not self.changed

    @property
    def says(self) -> str:
        """That something else had been shown, for the page."""
        return "This is what it would do now; press again." if self.changed else ""


def fingerprint(*told: Any) -> str:
    """A short text that is the same only while all of it is the same."""
    text = json.dumps(told, sort_keys=True, default=_plain)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def cloud_words(error: CloudError) -> str:
    """Why there is nothing to be seen, for people."""
    return f"AWS did not let us look ({error}). Nothing was changed. Try again in a moment."


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, set | frozenset) else str(value)
