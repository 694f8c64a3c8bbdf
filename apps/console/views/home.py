"""The first page after signing in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    """What is moving now, what needs somebody, what failed lately, and every application."""
    return render(request, "console/home.html")
