"""The console's addresses, and two at which it fails: what Django shows then is a state of the console too."""

from __future__ import annotations

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import path

from deployconsole import urls

handler400 = urls.handler400


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("This page fails, as it was asked to.")


def refuse(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("This page takes every request for malformed.")


urlpatterns = [*urls.urlpatterns, path("broken/", fail), path("malformed/", refuse)]
