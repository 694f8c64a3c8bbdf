"""The janitor: what is marked, what it would do and why, its rules, and what people keep from it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import Role
from apps.console import words
from apps.console.access import missing_role, needs, posted, user_of
from apps.console.build.keeps import way_back
from apps.console.filters import MarkListFilter, shown
from apps.console.forms.errors import take
from apps.console.forms.janitor import KeepForm, RulesForm
from apps.console.forms.reason import ReasonForm
from apps.console.lists import listing
from apps.console.pages.common import Action, State
from apps.images import services
from apps.images.errors import Invalid
from apps.images.models import JanitorRules, Keep, Mark
from apps.images.selectors import janitor as selectors
from apps.images.selectors.janitor import Judged
from apps.inventory.models import Environment
from apps.workflows.options import OptionSpec

STATES = {"marked": "attend", "notified": "attend", "deleting": "move", "deleted": "rest", "unmarked": "serve"}
MOST = 200  # resources that a dry run shows of each sort
KEPT = ("environment", "region", "kind", "resource")


@require_safe
def janitor(request: HttpRequest) -> HttpResponse:
    """Every environment's janitor, what is marked, and what people keep; filtered by the URL."""
    blocked = missing_role(user_of(request), Role.OPERATOR)
    found = MarkListFilter(request.GET, queryset=selectors.marks())
    drawn = shown(found, ("environment", "kind", "state", "live"))
    page = listing(request, found.qs, MarkListFilter.SORTS, "-id")
    context = {
        "rules": selectors.all_rules(),
        "listing": page,
        "lines": [(row, _state(row)) for row in page.rows],
        "keeps": selectors.keeps()[:MOST],
        "filter": drawn,
        "may_keep": not blocked,
        "actions": (Action("Keep something…", reverse("console:janitor-keep"), blocked=blocked),),
    }
    return render(request, "console/janitor.html", context)


@require_safe
def dry_run(request: HttpRequest, name: str) -> HttpResponse:
    """What a round in an environment would mark now and why, and what stays and why. Nothing is changed."""
    environment = get_object_or_404(Environment, name=name)
    found = selectors.dry_run(environment)
    goes, stays = [each for each in found if each.goes], [each for each in found if not each.goes]
    context = {
        "environment": name,
        "rules": selectors.rules_of(environment),
        "held": selectors.held_back(environment),
        "parts": (_part("What would go", goes), _part("What stays", stays)),
    }
    return render(request, "console/janitor_dry_run.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest, name: str) -> HttpResponse:
    """Shows the rules of an environment, and changes them."""
    environment, user = get_object_or_404(Environment, name=name), user_of(request)
    blocked = missing_role(user, Role.ADMINISTRATOR)
    if blocked and request.method == "POST":
        raise PermissionDenied(blocked)
    row = selectors.rules_of(environment)
    form = RulesForm(posted(request), row)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            services.set_rules(environment, actor=user.username, reason=reason, **form.settings())
        except Invalid as error:
            take(form, error.errors)
        else:
            messages.success(request, f"The janitor's rules of {name} are saved.")
            return redirect("console:janitor")
    context = {"environment": name, "rules": row, "form": form, "blocked": blocked, "facts": _facts(row)}
    return render(request, "console/janitor_rules.html", context, status=422 if form.errors else 200)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: HttpRequest) -> HttpResponse:
    """Keeps a resource from the janitor."""
    asked = {each: request.GET.get(each, "") for each in KEPT}
    form = KeepForm(posted(request), initial=asked)
    parent = way_back(asked["kind"], (asked["environment"], asked["region"]), asked["resource"], request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            row = services.keep(actor=user_of(request).username, **form.cleaned_data)
        except Invalid as error:
            take(form, error.errors)
        else:
            say = messages.warning if row.note else messages.success
            say(request, f"The janitor leaves {row.resource} alone. {row.note}".strip())
            return redirect(parent[1])
    context = {"form": form, "title": "Keep something from the janitor", "button": "Keep it", "back": parent[1]}
    context["parent"] = parent
    return render(request, "console/application_form.html", context, status=422 if form.errors else 200)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def end_keep(request: HttpRequest, number: int) -> HttpResponse:
    """Asks, then lets the janitor have it again."""
    row = get_object_or_404(Keep.objects.select_related("environment"), pk=number)
    named, back = way_back(row.kind, (row.environment.name, row.region), row.resource, request.GET.dict())
    form = ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        services.end_keep(number, actor=user_of(request).username)
        messages.success(request, f"{row.resource} is no longer kept.")
        return redirect(back)
    context = {"row": row, "back": back, "named": named}
    return render(request, "console/janitor_keep_end.html", context)


def _state(row: Mark) -> State:
    return State(STATES[row.state], Mark.State(row.state).label.lower())


def _part(title: str, found: list[Judged]) -> tuple[str, list[Judged], int]:
    """With how many are not shown."""
    return title, found[:MOST], max(len(found) - MOST, 0)


def _facts(row: JanitorRules) -> list[tuple[str, str, str]]:
    return [(spec.label, _value(spec, getattr(row, spec.name)), spec.help) for spec in services.rule_fields()]


def _value(spec: OptionSpec, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{words.plain(value)} {spec.unit}".strip()
