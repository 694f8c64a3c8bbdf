"""Environments: which accounts the console works in, and how its reads of them go."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import Role
from apps.console.access import missing_role, needs, posted, user_of
from apps.console.build.environments import environments_page
from apps.console.forms.environments import EnvironmentForm
from apps.console.forms.errors import take_validation
from apps.console.pages.common import Action
from apps.inventory import services
from apps.inventory.models import Environment
from apps.inventory.selectors import ages, lists


@require_safe
def environments(request: HttpRequest) -> HttpResponse:
    """Every environment with its regions and how old what we know of them is."""
    blocked = missing_role(user_of(request), Role.ADMINISTRATOR)
    context = {
        "page": environments_page(lists.environments(), ages.sync_states()),
        "actions": (Action("New environment", reverse("console:environment-new"), blocked=blocked),),
        "may_edit": not blocked,
    }
    return render(request, "console/environments.html", context)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Adds an environment; it is read from AWS from then on."""
    form = EnvironmentForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            row = services.create_environment(actor=user_of(request).username, **form.cleaned_data)
        except ValidationError as error:
            take_validation(form, error)
        else:
            return _saved(request, row)
    return _form(request, form, "New environment", "Add the environment")


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, name: str) -> HttpResponse:
    """Changes an environment."""
    row = get_object_or_404(Environment, name=name)
    initial = {field: getattr(row, field) for field in EnvironmentForm.base_fields if field != "name"}
    form = EnvironmentForm(posted(request), named=True, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.update_environment(name, actor=user_of(request).username, **form.cleaned_data)
        except ValidationError as error:
            take_validation(form, error)
        else:
            return _saved(request, row)
    return _form(request, form, f"Edit {name}", "Save")


def _saved(request: HttpRequest, row: Environment) -> HttpResponse:
    problem = services.why_unreachable(row)
    if problem:
        messages.warning(request, f"{row.name} is saved, but cannot be read yet. {problem}")
    else:
        messages.success(request, f"{row.name} is saved, and AWS answers.")
    return redirect("console:environments")


def _form(request: HttpRequest, form: EnvironmentForm, title: str, button: str) -> HttpResponse:
    context = {"form": form, "title": title, "button": button, "back": reverse("console:environments")}
    context["parent"] = ("Environments", context["back"])
    return render(request, "console/application_form.html", context, status=422 if form.errors else 200)
