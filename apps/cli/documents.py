"""Reading what the API answers. JSON is untyped; these few functions are the only ones that know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

Document = Mapping[str, object]
UNDO = frozenset({"undoing", "undone"})
ENDED = frozenset({"succeeded", "undone", "cancelled", "failed"})


def text(document: Document, *names: str) -> str:
    """The first of the members that is there and not null, as text, truths as JSON has them; empty when none is."""
    for name in names:
        value = document.get(name)
        if value is not None:
            return str(value).lower() if isinstance(value, bool) else str(value)
    return ""


def inner(document: Document, name: str) -> Document:
    """The member, when it is an object."""
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}


def listed(document: Document, name: str) -> list[Document]:
    """The objects in a member that is a list."""
    value = document.get(name)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def moment(document: Document, name: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text(document, name))
    except ValueError:
        return None


@dataclass(frozen=True)
class Step:
    """A step, or its undo once that has begun; then `title` says what the undo does, empty for nothing."""

    title: str
    state: str
    says: str
    seconds: float | None  # None: not begun
    plan: str = ""  # its title in the plan

    @classmethod
    def read(cls, document: Document, now: datetime) -> Step:
        state, plan = text(document, "state"), text(document, "title")
        back = state in UNDO
        began = moment(document, "undo_started_at" if back else "started_at") or moment(document, "started_at")
        ended = None if state in {"running", "undoing"} else moment(document, "ended_at")
        seconds = ((ended or now) - began).total_seconds() if began else None
        title = text(document, "undo_title") if back else plan
        return cls(title, state, text(document, "says"), seconds, plan)


@dataclass(frozen=True)
class Followed:
    """Something that goes on for a while, as the document of one tells it, with its steps."""

    document: Document
    steps: tuple[Step, ...]

    noun: ClassVar[str]
    path: ClassVar[str]  # of all of them, below /api/v1/
    again: ClassVar[str]  # the command that watches one, by its {id}
    decides: ClassVar[str]  # the command that shows what can be done when a person is asked

    @classmethod
    def read(cls, document: Document, now: datetime) -> Self:
        return cls(document, tuple(Step.read(step, now) for step in listed(document, "steps")))

    @property
    def id(self) -> str:
        return text(self.document, "id")

    @property
    def state(self) -> str:
        return text(self.document, "state")

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def outcome(self) -> str:
        return text(self.document, "outcome")

    @property
    def next_hint(self) -> str:
        """What to do now that it has ended."""
        return text(self.document, "next_hint")

    @property
    def waiting_for(self) -> str:
        return text(self.document, "waiting_for")

    @property
    def heading(self) -> str:
        """One line that says what it is; what is not known is left out."""
        raise NotImplementedError


class Deployment(Followed):
    """One deployment as `deployments/{id}/` tells it."""

    noun, path = "deployment", "deployments"
    again, decides = "deployconsole watch {id}", "deployconsole decide {id}"

    @property
    def kind(self) -> str:
        return text(self.document, "kind")

    @property
    def heading(self) -> str:
        """`api-prod · prod · us-east-1 · 4.1.9 → 4.2.0 · red-black · push 87`."""
        before, after = text(self.document, "from_version"), text(self.document, "to_version")
        change = f"{before} → {after}" if before and after else after or text(self.document, "image")
        place = [text(self.document, name) for name in ("cluster", "environment", "region")]
        parts = [*place, change, text(self.document, "strategy"), f"{self.kind} {self.id}"]
        return " · ".join(part for part in parts if part)


class Bake(Followed):
    """One bake as `bakes/{id}/` tells it."""

    noun, path = "bake", "bakes"
    again, decides = "deployconsole bakes show {id} --watch", "deployconsole bakes show {id}"

    @property
    def heading(self) -> str:
        """`api 4.2.0 · test · us-east-1 · upon ami-0c4 · bake 12`."""
        what = " ".join(text(self.document, name) for name in ("package", "version")).strip()
        place = [text(self.document, name) for name in ("environment", "region")]
        base = text(self.document, "base_image")
        parts = [what, *place, f"upon {base}" if base else "", f"bake {self.id}"]
        return " · ".join(part for part in parts if part)


class Check(Followed):
    """One quick check of a package as `package-checks/{id}/` tells it."""

    noun, path = "check", "package-checks"
    again, decides = "deployconsole checks show {id} --watch", "deployconsole checks show {id}"

    @property
    def outcome(self) -> str:
        return text(self.document, "says")

    @property
    def heading(self) -> str:
        """`api 4.2.0 · check 12`."""
        what = " ".join(text(self.document, name) for name in ("package", "version")).strip()
        return f"{what} · check {self.id}"


class Promotion(Followed):
    """One promotion as `promotions/{id}/` tells it, while it is granted and while it is taken back."""

    noun, path = "promotion", "promotions"
    again, decides = "deployconsole promotions show {id} --watch", "deployconsole promotions show {id}"

    @property
    def heading(self) -> str:
        """`api 4.2.0 · ami-0c4 · test → prod · promotion 3`."""
        what = " ".join(text(self.document, name) for name in ("application", "version")).strip()
        where = f"{text(self.document, 'source')} → {text(self.document, 'target')}"
        parts = [what, text(self.document, "image"), where, f"promotion {self.id}"]
        return " · ".join(part for part in parts if part)
