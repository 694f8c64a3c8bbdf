"""What differs between two images: a page of its own, parts of others, and the commits between them by themselves."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.console.build.image_diff import commits_page, diff_page
from apps.console.build.images import choices_beside
from apps.images.selectors.diff import ImageDiff, image_diff
from apps.images.services.compare import commits_of

AMI = re.compile(r"ami-[0-9a-f]{8,17}")


@require_safe
def diff(request: HttpRequest, name: str) -> HttpResponse:
    """From the AMI `against` to this one: a part of another page, or by itself with a form that chooses the other."""
    against = request.GET.get("against", "").strip()
    found = _found(name, against or name)
    part = "HX-Request" in request.headers
    context = {
        "page": diff_page(found, whole=not part),
        "against": against,
        "compared": against and found.before.known,
        "others": () if part else choices_beside(name, found.after.application),
    }
    return render(request, "console/image_diff_part.html" if part else "console/image_diff.html", context)


@require_safe
def commits(request: HttpRequest, name: str) -> HttpResponse:
    """The commits between them: a part of another page, or by itself without script. It may ask a server for them."""
    found = _found(name, request.GET.get("against", "").strip() or name)
    page = commits_page(found, commits_of(found))
    template = "console/commits.html" if "HX-Request" in request.headers else "console/commits_page.html"
    return render(request, template, {"page": page})


def _found(name: str, against: str) -> ImageDiff:
    """Raises Http404 for what is no AMI's id; of an AMI that nobody knows yet, as one just typed, it says so."""
    found = image_diff(against, name)
    if not found.after.known and not AMI.fullmatch(name):
        raise Http404(f"There is no AMI {name} that an environment owns, was given or runs.")
    return found
