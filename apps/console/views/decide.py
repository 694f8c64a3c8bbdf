"""What shall become of a deployment: undo it, stop it as it stands, try again, go on; each shown before it happens."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Role
from apps.console.access import needs, posted, user_of
from apps.console.build.decide import choice_cards
from apps.console.build.history import place_of, what
from apps.console.forms.errors import status_of
from apps.console.forms.reason import ReasonForm
from apps.console.views.deployments import find
from apps.deployments import services
from apps.deployments.errors import CannotCancel
from apps.deployments.models import Deployment
from apps.workflows.states import RunState


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Shows what each choice would do, then does the one that is pressed; without one named it cancels."""
    row, form = find(number), ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            _act(number, request.POST.get("choice", ""), user_of(request).username, form.cleaned_data["reason"])
        except CannotCancel as error:
            form.add_error(None, str(error))
            row = find(number)
        else:
            return redirect("console:deployment", number)
    return render(request, "console/decide.html", _context(row, form), status=status_of(form))


def _act(number: int, choice: str, actor: str, reason: str) -> Deployment:
    if choice:
        return services.decide(number, choice, actor=actor, reason=reason)
    return services.cancel(number, actor=actor, reason=reason)


def _context(row: Deployment, form: ReasonForm) -> dict[str, object]:
    cards = choice_cards(row)
    named = f"the {what(row)[:1].lower()}{what(row)[1:]}"
    asks = row.run.state == RunState.NEEDS_PERSON
    return {
        "deployment": row.pk,
        "title": f"What shall become of {named}?" if asks else f"Cancel {named}?",
        "asks": row.run.says if asks else "",
        "ended": row.run.ended,
        "place": place_of(row.cluster),
        "form": form,
        "possible": [card for card in cards if not card.why_not],
        "impossible": [card for card in cards if card.why_not],
        "back": reverse("console:deployment", args=[row.pk]),
    }
