"""Following a deployment or a bake to its end: redrawn in place on a terminal, one line a step when piped."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol, Self, TypeVar

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Column, Table
from rich.text import Text

from apps.cli import printing
from apps.cli.client import Client
from apps.cli.documents import Document, Followed, Step
from apps.cli.exits import BY_STATE, CommandFailed, Exit

F = TypeVar("F", bound=Followed)

EVERY = 1.0  # seconds between two looks; the answer is 304 while nothing changed
SILENCE = 300.0  # seconds without an answer after which watching gives up
NOW, ASKS, NOTHING = "…", "?", "–"  # the last: a step that leaves nothing to put back
MARKS = {"done": "✓", "failed": "✗", "undone": "↺"}
COLOURS = {"✓": "green", "✗": "red", "↺": "yellow", NOW: "blue", ASKS: "yellow"}


class View(Protocol):
    """Where it is shown."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...
    def show(self, it: Followed, note: str = "") -> None: ...


def follow(kind: type[F], client: Client, identifier: str, view: View, timeout: float | None) -> F:
    """Shows what is meant by its kind and number until it ends, and returns it as it ended.

    Raises CommandFailed: TIMED_OUT after `timeout` seconds, UNREACHABLE when the console is silent for long,
    INTERRUPTED on Ctrl-C. It goes on in each case.
    """
    goes_on = f"It goes on; watch it again with `{kind.again.format(id=identifier)}`."
    try:
        with view:
            return _until_ended(kind, client, identifier, view, timeout)
    except KeyboardInterrupt as error:
        raise CommandFailed(Exit.INTERRUPTED, f"Stopped watching {kind.noun} {identifier}. {goes_on}") from error
    except TimeoutError as error:
        raise CommandFailed(
            Exit.TIMED_OUT, f"{kind.noun.capitalize()} {identifier} has not ended in time. {goes_on}"
        ) from error


def _until_ended(kind: type[F], client: Client, identifier: str, view: View, timeout: float | None) -> F:
    began = heard = time.monotonic()
    document: Document | None = None
    etag, note = "", ""
    while True:
        try:
            changed, etag = client.get_changed(f"{kind.path}/{identifier}/", etag)
            document, heard, note = changed or document, time.monotonic(), ""
        except CommandFailed as error:
            if error.status is not Exit.UNREACHABLE or time.monotonic() - heard > SILENCE:
                raise
            note = "The console does not answer; still trying."
        if document is not None:
            followed = kind.read(document, datetime.now(UTC))
            view.show(followed, note)
            if followed.ended:
                return followed
        if timeout is not None and time.monotonic() - began > timeout:
            raise TimeoutError
        time.sleep(EVERY)


def exit_code(it: Followed) -> Exit:
    """The exit code that tells how it ended."""
    return BY_STATE.get(it.state, Exit.FAILED)


class Nothing(AbstractContextManager["Nothing"], View):
    """For --json: only the end is printed, by the caller."""

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, it: Followed, note: str = "") -> None:
        """Shows nothing."""


class Drawn(View):
    """On a terminal: the steps so far, redrawn in place."""

    def __init__(self) -> None:
        self._live = Live(console=Console(highlight=False), auto_refresh=False, vertical_overflow="visible")

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, it: Followed, note: str = "") -> None:
        lines: list[RenderableType] = [Text(it.heading, style="bold")]
        lines.append(self._steps(it))
        lines += [Text(f"  {sentence}", style="yellow") for sentence in _remarks(it, note)]
        self._live.update(Group(*lines), refresh=True)

    def _steps(self, it: Followed) -> Table:
        """A row a step that has begun; what is too long for one line takes several, for it may name instances."""
        drawn = Table.grid(
            Column(), Column(no_wrap=True), Column(ratio=1), Column(justify="right"), padding=(0, 1, 0, 0)
        )
        drawn.width = min(self._live.console.width, 100)
        for step in it.steps:
            if step.seconds is not None:
                mark, words, took = parts(step, it)
                drawn.add_row("", Text(mark, style=COLOURS.get(mark, "")), Text(words), Text(took, style="dim"))
        return drawn


class Plain(View):
    """Piped: a line when a step begins to wait for something new, and one when it ends; never redrawn."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._told: dict[int, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, it: Followed, note: str = "") -> None:
        if not self._told:
            self._tell(-1, it.heading)
        for number, step in enumerate(it.steps):
            if step.seconds is None:
                continue
            mark, words, took = parts(step, it)
            self._tell(number, f"  {mark} {words}", f"  {took}" if mark in MARKS.values() else "")
        for number, sentence in enumerate(_remarks(it, note)):
            self._tell(1000 + number, f"  {sentence}")

    def _tell(self, number: int, line: str, suffix: str = "") -> None:
        if self._told.get(number) != line:
            self._told[number] = line
            self._say(line + suffix)


def parts(step: Step, it: Followed) -> tuple[str, str, str]:
    """Mark, sentence and duration of a step that has begun."""
    if not step.title:
        return NOTHING, step.plan, ""
    asks = ASKS if it.state == "needs_person" else NOW
    mark = MARKS.get(step.state, asks)
    says = step.says or ("" if mark in MARKS.values() else it.waiting_for)
    words = f"{step.title}: {says}" if says.rstrip(".") not in {"", step.title} else step.title
    return mark, words, printing.duration(step.seconds or 0.0)


def _remarks(it: Followed, note: str) -> list[str]:
    """What stands below the steps: that it is queued, that a person is needed, that the console is silent, its end."""
    remarks = [note] if note else []
    if it.state == "queued":
        remarks.append(it.waiting_for or "Queued; a worker takes it up.")
    if it.state == "needs_person":
        remarks.append(f"A person has to decide: {it.waiting_for}")
        remarks.append(f"See what can be done: {it.decides.format(id=it.id)}.")
    if it.ended:
        remarks += [it.outcome or f"Ended: {it.state}.", it.next_hint]
    return [remark for remark in remarks if remark]


def suited(json: bool) -> View:
    """The view that fits where the output goes."""
    if json:
        return Nothing()
    if printing.out.is_terminal:
        return Drawn()
    return Plain(lambda line: printing.out.print(line, markup=False))
