"""Gunicorn's settings, read by it from the folder it starts in: the same for the demo and an installation."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured

worker_class = "gthread"
workers = 2  # so that one slow page does not stop all
threads = 4
keepalive = 75  # longer than clients and proxies keep idle connections, so that it is never us who closes under them
graceful_timeout = 5

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deployconsole.settings")
try:  # here rather than in a worker, which gunicorn would start again or report as a traceback
    django.setup()
    from deployconsole.checks import refuse_unsafe_settings

    refuse_unsafe_settings()
except ImproperlyConfigured as error:
    sys.exit(str(error))
