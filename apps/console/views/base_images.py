"""Base images: which AMIs may be baked upon, approving one, withdrawing one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import Role
from apps.cloud.errors import CloudError
from apps.console.access import missing_role, needs, posted, user_of
from apps.console.filters import BaseImageListFilter, shown
from apps.console.forms.bakes import BaseImageForm
from apps.console.forms.errors import take
from apps.console.forms.reason import ReasonForm
from apps.console.lists import listing
from apps.console.pages.common import Action
from apps.images import selectors, services
from apps.images.errors import Invalid
from apps.images.models import BaseImage

SORTS = {
    **BaseImageListFilter.SORTS,
    "environment": ("environment__name", "region"),
    "architecture": "architecture",
    "image": "image_id",
}


@require_safe
def base_images(request: HttpRequest) -> HttpResponse:
    """Every AMI that was approved, newest first, filtered by the URL."""
    blocked = missing_role(user_of(request), Role.ADMINISTRATOR)
    found = BaseImageListFilter(request.GET, queryset=selectors.base_images())
    drawn = shown(found, ("environment", "name", "architecture", "standing"))
    context = {
        "listing": listing(request, found.qs, SORTS, "-approved"),
        "filter": drawn,
        "may_withdraw": not blocked,
        "actions": (Action("Approve one…", reverse("console:base-image-new"), blocked=blocked),),
    }
    return render(request, "console/base_images.html", context)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: HttpRequest) -> HttpResponse:
    """Approves an AMI under a name; recipes that ask for the latest of it take it from then on."""
    form, silent = BaseImageForm(posted(request)), False
    if request.method == "POST" and form.is_valid():
        try:
            row = services.approve_base(actor=user_of(request).username, **form.cleaned_data)
        except Invalid as error:
            take(form, error.errors)
        except CloudError as error:
            form.add_error(None, f"AWS did not let us look ({error}). Nothing was changed.")
            silent = True
        else:
            messages.success(request, f"{row.image_id} may be baked upon as {row.name}.")
            return redirect("console:base-images")
    context = {"form": form, "title": "Approve a base image", "button": "Approve it"}
    context["back"] = reverse("console:base-images")
    context["parent"] = ("Base images", context["back"])
    status = 503 if silent else 422 if form.errors else 200
    return render(request, "console/application_form.html", context, status=status)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Asks, then has nothing baked upon it any more; images made from it stay as they are."""
    row, form = _find(number), ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        services.withdraw_base(number, actor=user_of(request).username, reason=form.cleaned_data["reason"])
        messages.success(request, f"Nothing is baked upon {row.image_id} as {row.name} any more.")
        return redirect("console:base-images")
    context = {"row": row, "form": form, "back": reverse("console:base-images")}
    return render(request, "console/base_image_withdraw.html", context, status=422 if form.errors else 200)


def _find(number: int) -> BaseImage:
    try:
        return selectors.base_images().get(pk=number)
    except BaseImage.DoesNotExist as error:
        raise Http404(f"There is no base image {number}.") from error
