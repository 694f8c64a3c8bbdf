"""The tag by which a resource on AWS tells whose it is."""

RUN_TAG = "deployconsole:run"  # the id of the run that made it, or that shared it
