"""The Celery application. Messages are nudges; rows in PostgreSQL are the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deployconsole.settings")
# Celery drops what a worker's system checks answer; they import every page, a third of the time a worker takes to start
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("deployconsole")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
