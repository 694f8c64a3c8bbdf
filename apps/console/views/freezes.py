"""Freezes: what is frozen now, what will be and what was; making one, ending one before its time."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import Role, User
from apps.console.access import missing_role, needs, posted, user_of
from apps.console.build.freezes import freeze_line, freeze_lines
from apps.console.filters import FreezeListFilter, shown
from apps.console.forms.errors import take
from apps.console.forms.freezes import FreezeForm
from apps.console.forms.reason import ReasonForm
from apps.console.lists import listing
from apps.console.pages.common import Action
from apps.deployments import freezes as calendar
from apps.deployments import services
from apps.deployments.errors import Invalid
from apps.deployments.models import Freeze
from apps.deployments.services import FreezeOver

SORTS = FreezeListFilter.SORTS
SCOPE = ("environment", "application", "cluster")


@require_safe
def freezes(request: HttpRequest) -> HttpResponse:
    """What is frozen now, what will be, and below it what was; filtered by the URL."""
    blocked = missing_role(user_of(request), Role.OPERATOR)
    found = FreezeListFilter(request.GET, queryset=calendar.freezes())
    drawn = shown(found, (*SCOPE, "actor"))
    over = listing(request, found.qs & calendar.over(), SORTS, "-ends")
    context = {
        "on": freeze_lines(found.qs & calendar.on()),
        "to_come": freeze_lines((found.qs & calendar.to_come()).order_by("starts_at", "id")),
        "over": freeze_lines(over.rows),
        "listing": over,
        "filter": drawn,
        "may_end": not blocked,
        "actions": (Action("New freeze", reverse("console:freeze-new"), blocked=blocked),),
    }
    return render(request, "console/freezes.html", context)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Makes a freeze; what is wrong is said beside its field."""
    user = user_of(request)
    form = FreezeForm(posted(request), initial=_initial(request, user))
    if request.method == "POST" and form.is_valid():
        try:
            row = services.create_freeze(form.request(), actor=user.username)
        except Invalid as error:
            take(form, error.errors)
        else:
            line = freeze_line(row)
            messages.success(request, f"The freeze of {line.what} until {line.ends} is made.")
            return redirect("console:freezes")
    context = {"form": form, "title": "New freeze", "button": "Make the freeze", "back": reverse("console:freezes")}
    context["parent"] = ("Freezes", context["back"])
    return render(request, "console/application_form.html", context, status=422 if form.errors else 200)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, number: int) -> HttpResponse:
    """Asks why, then ends a freeze before its time."""
    row = _find(number)
    line, begun = freeze_line(row), row.starts_at <= timezone.now()
    form = ReasonForm(posted(request), needed="Say why it ends before its time.")
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            services.end_freeze(number, actor=user_of(request).username, reason=form.cleaned_data["reason"])
        except FreezeOver as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, f"{line.what[:1].upper()}{line.what[1:]} is no longer frozen by this freeze.")
            return redirect("console:freezes")
    context = {"line": line, "begun": begun, "form": form, "back": reverse("console:freezes")}
    return render(
        request, "console/freeze_end.html", context, status=status if not form.errors or status == 409 else 422
    )


def _find(number: int) -> Freeze:
    try:
        return Freeze.objects.get(pk=number)
    except Freeze.DoesNotExist as error:
        raise Http404(f"There is no freeze {number}.") from error


def _initial(request: HttpRequest, user: User) -> dict[str, str]:
    """What the link to the form names, and the time zone that this person meant last."""
    last = Freeze.objects.filter(actor=user.username).order_by("-pk").first()
    return {**{name: request.GET.get(name, "") for name in SCOPE}, "zone": last.zone if last else "UTC"}
