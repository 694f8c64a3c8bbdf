"""The Celery application. Messages are nudges; rows in PostgreSQL are the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deployconsole.settings")

app = Celery("deployconsole")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
