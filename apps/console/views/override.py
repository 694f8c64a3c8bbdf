"""Letting a deployment go on that the traffic guard holds."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Role
from apps.console.access import needs, posted, user_of
from apps.console.build.history import place_of
from apps.console.forms.confirmed import ConfirmedForm
from apps.console.forms.errors import status_of, take
from apps.console.views.deployments import find
from apps.deployments import guard, services
from apps.deployments.errors import CannotCancel, Invalid
from apps.deployments.selectors import held_by


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def override(request: HttpRequest, number: int) -> HttpResponse:
    """Says what holds it and what going on means, asks for the cluster's name and a reason, then lets it go on."""
    row = find(number)
    needed = "Say why: what is overridden is recorded with its reason."
    form = ConfirmedForm(posted(request), name=row.cluster.name, needed=needed)
    codes = request.POST.getlist("codes") or held_by(row)
    if request.method == "POST" and form.is_valid():
        try:
            services.override(number, codes, actor=user_of(request).username, reason=form.cleaned_data["reason"])
        except Invalid as error:
            take(form, error.errors)
        except CannotCancel as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The guard is overridden; it goes on.")
            return redirect("console:deployment", number)
    shown = [code for code in codes if code in guard.CODES] or held_by(row)
    context = {
        "deployment": row.pk,
        "name": row.run.name,
        "place": place_of(row.cluster),
        "says": row.run.says,
        "against": [(code, guard.CODES[code]) for code in shown],
        "form": form,
        "back": reverse("console:deployment", args=[row.pk]),
    }
    return render(request, "console/override.html", context, status=status_of(form))
