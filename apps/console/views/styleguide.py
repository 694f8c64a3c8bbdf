"""Every component on one page, with examples and without a database: to look at, and for the tests to look at."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def styleguide(request: HttpRequest) -> HttpResponse:
    """The page of all components."""
    return render(request, "console/styleguide.html")
