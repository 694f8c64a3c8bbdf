"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from deployconsole.checks import refuse_unsafe_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deployconsole.settings")

application = get_wsgi_application()
refuse_unsafe_settings()  # web servers, unlike manage.py, do not run system checks
