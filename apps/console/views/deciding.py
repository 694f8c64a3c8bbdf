"""Stopping what goes on, and having it try again that asked a person: asked alike of bakes and promotions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.console.access import posted, user_of
from apps.console.forms.errors import status_of
from apps.console.forms.reason import ReasonForm
from apps.images.errors import CannotCancel
from apps.workflows.models import Run
from apps.workflows.selectors import cancelling, choices
from apps.workflows.states import Decision


@dataclass(frozen=True)
class Asked:
    """What is decided about. `noun` names its page, "bake"; `all` that of their list; `cleans` is what an undo does."""

    noun: str
    all: tuple[str, str]  # what it is called, and its address
    number: int
    what: str  # in a sentence: "the bake of api 4.2.0"
    run: Run
    cleans: str


def cancel(request: HttpRequest, find: Callable[[], Asked], act: Callable[..., object]) -> HttpResponse:
    """Shows what is put back, asks why, then stops it."""
    return _decide(request, find, act, _cancelling)


def retry(request: HttpRequest, find: Callable[[], Asked], act: Callable[..., object]) -> HttpResponse:
    """Shows which step is tried again, asks why, then has it go on."""
    return _decide(request, find, act, _retrying)


def _decide(
    request: HttpRequest,
    find: Callable[[], Asked],
    act: Callable[..., object],
    shown: Callable[[Asked], dict[str, str]],
) -> HttpResponse:
    asked, form = find(), ReasonForm(posted(request))
    page = f"console:{asked.noun}"
    if request.method == "POST" and form.is_valid():
        try:
            act(asked.number, actor=user_of(request).username, reason=form.cleaned_data["reason"])
        except CannotCancel as error:
            form.add_error(None, str(error))
            asked = find()
        else:
            return redirect(page, asked.number)
    context = {**shown(asked), "form": form, "asked": asked, "back": reverse(page, args=[asked.number])}
    return render(request, "console/run_decide.html", context, status=status_of(form))


def _cancelling(asked: Asked) -> dict[str, str]:
    choice = cancelling(asked.run)
    back = choice is not None and choice.slug == Decision.UNDO
    return {
        "title": f"Cancel {asked.what}?",
        "says": f"{choice.says} {asked.cleans if back else ''}".strip() if choice else "",
        "why_not": choice.why_not if choice else "It has ended; there is nothing to cancel any more.",
        "button": f"Cancel {asked.noun} {asked.number}",
        "looks": "danger",
        "leave": "Let it go on",
    }


def _retrying(asked: Asked) -> dict[str, str]:
    choice = next((each for each in choices(asked.run) if each.slug == Decision.RETRY), None)
    return {
        "title": f"Have {asked.what} try again?",
        "says": f"{choice.says} It said: {asked.run.says}" if choice else "",
        "why_not": choice.why_not if choice else "It has ended; there is nothing to try again.",
        "button": f"Try again with {asked.noun} {asked.number}",
        "looks": "primary",
        "leave": "Not yet",
    }
