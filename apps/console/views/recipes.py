"""How an application's image is made."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Role
from apps.console.access import needs, posted, user_of
from apps.console.forms.recipes import RecipeForm
from apps.images import provisioners, selectors, services
from apps.images.errors import Invalid
from apps.inventory.models import Application


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def recipe(request: HttpRequest, name: str) -> HttpResponse:
    """Changes the recipe of an application, or gives it its first one; the page of the application shows it to all."""
    row = get_object_or_404(Application, name=name)
    form = RecipeForm(posted(request), provisioners=provisioners.all(), recipe=selectors.recipe_of(row.name))
    if request.method == "POST" and form.is_valid():
        try:
            services.set_recipe(row.name, form.settings(), actor=user_of(request).username)
        except Invalid as error:
            form.take_errors(error.errors)
        else:
            messages.success(request, f"The recipe of {name} was saved.")
            return redirect("console:application", name)
    context = {"form": form, "application": name, "back": reverse("console:application", args=[name])}
    return render(request, "console/recipe.html", context, status=422 if form.errors else 200)
