"""AMIs: what their tags say of the software inside, where they are used, and who may launch them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.console.access import user_of
from apps.console.build.image import image_lines, image_page
from apps.console.filters import ImageListFilter, shown
from apps.console.lists import listing
from apps.inventory.models import SyncState
from apps.inventory.selectors import ages, lists


@require_safe
def images(request: HttpRequest) -> HttpResponse:
    """All AMIs, each once however many environments know it, newest first, filtered by the URL."""
    found = ImageListFilter(request.GET, queryset=lists.images())
    drawn = shown(found, ("q", "application", "version", "environment"))
    page = listing(request, lists.images_once(found.qs), ImageListFilter.SORTS, "-created")
    context = {
        "listing": page,
        "lines": image_lines(page.rows),
        "filter": drawn,
        "age": ages.age_of_kinds(SyncState.Kind.IMAGES),
    }
    return render(request, "console/images.html", context)


@require_safe
def image(request: HttpRequest, name: str) -> HttpResponse:
    """One AMI, by its id: where it is used, which environments may launch it, and its tags."""
    page = image_page(name, user_of(request))
    if page is None:
        raise Http404(f"There is no AMI {name} that an environment owns, was given or runs.")
    return render(request, "console/image.html", {"page": page})
