"""Gunicorn's settings, read by it from the folder it starts in: the same for the demo and an installation."""

worker_class = "gthread"
workers = 2  # so that one slow page does not stop all
threads = 4
keepalive = 75  # longer than clients and proxies keep idle connections, so that it is never us who closes under them
graceful_timeout = 5
