"""The Django project: settings from the environment, URLs, the Celery application."""

from deployconsole.celery import app as celery_app

__all__ = ["celery_app"]
