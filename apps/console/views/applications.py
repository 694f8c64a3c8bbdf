"""Applications: the list, one application over all its places, creating and editing."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import Role
from apps.console.access import missing_role, needs, posted, user_of
from apps.console.build.application import application_page
from apps.console.filters import shown
from apps.console.forms.applications import ApplicationForm
from apps.console.forms.errors import take_validation
from apps.console.lists import listing
from apps.console.pages.common import Action
from apps.images.selectors.builds import webhooks
from apps.inventory import services
from apps.inventory.filters import ApplicationFilter
from apps.inventory.models import Application
from apps.inventory.selectors import lists

SORTS = ApplicationFilter.SORTS


@require_safe
def applications(request: HttpRequest) -> HttpResponse:
    """All applications, filtered by the URL."""
    found = ApplicationFilter(request.GET, queryset=lists.applications())
    create = Action("New application", reverse("console:application-new"), blocked=_blocked(request))
    drawn = shown(found, ("q", "owner"))
    context = {"listing": listing(request, found.qs, SORTS, "name"), "filter": drawn, "actions": (create,)}
    return render(request, "console/applications.html", context)


@require_safe
def application(request: HttpRequest, name: str) -> HttpResponse:
    """One application: its clusters over environments and regions, its history, builds and bakes, and who answers."""
    row = get_object_or_404(Application, name=name)
    text = "Claim it" if row.discovered else "Edit"
    blocked, here = _blocked(request), urlencode({"application": name})
    page = application_page(row)
    edit = Action(text, reverse("console:application-edit", args=[name]), blocked=blocked)
    recipe = Action("Recipe…", reverse("console:recipe", args=[name]), blocked=blocked)
    scaffold = Action("Scaffold…", reverse("console:scaffold", args=[name]), blocked=blocked)
    may_bake = missing_role(user_of(request), Role.OPERATOR)
    bake = Action("Bake…", f"{reverse('console:bake-new')}?{here}", blocked=may_bake)
    user_data = Action("User data…", reverse("console:user-data", args=[name]))
    actions = (*((bake,) if page.recipe else ()), scaffold, recipe, user_data, edit)
    hooks = None if blocked else tuple(webhooks().filter(application=row, revoked_at__isnull=True))
    context = {"page": page, "actions": actions, "hooks": hooks}
    return render(request, "console/application.html", context)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Registers an application."""
    user = user_of(request)
    form = ApplicationForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            row = services.create_application(actor=user.username, **form.cleaned_data)
        except ValidationError as error:
            take_validation(form, error)
        else:
            messages.success(request, f"The application {row.name} is registered.")
            return redirect("console:application", row.name)
    context = {"form": form, "title": "New application", "button": "Register the application"}
    return _form(request, context, reverse("console:applications"))


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, name: str) -> HttpResponse:
    """Changes what is said of an application; editing one that was only found claims it."""
    row = get_object_or_404(Application, name=name)
    user = user_of(request)
    initial = {field: getattr(row, field) for field in ApplicationForm.base_fields if field != "name"}
    form = ApplicationForm(posted(request), named=True, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_application(name, actor=user.username, **form.cleaned_data)
        except ValidationError as error:
            take_validation(form, error)
        else:
            messages.success(request, f"The application {name} was saved.")
            return redirect("console:application", name)
    context = {"form": form, "title": f"Edit {name}", "button": "Save"}
    return _form(request, context, reverse("console:application", args=[name]))


def _form(request: HttpRequest, context: dict[str, object], back: str) -> HttpResponse:
    form = context["form"]
    status = 422 if isinstance(form, ApplicationForm) and form.errors else 200
    return render(request, "console/application_form.html", {**context, "back": back}, status=status)


def _blocked(request: HttpRequest) -> str:
    return missing_role(user_of(request), Role.ADMINISTRATOR)
