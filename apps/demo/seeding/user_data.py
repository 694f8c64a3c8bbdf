"""One sample application tells its instances who they are, by a template; the others keep what they were built with."""

from __future__ import annotations

APPLICATION = "search"
TEXT = """\
#!/bin/sh
# Who this instance is: its service tells it again under /identity.
${exports}
echo "starting as $INSTANCE_ID of ${group}"
"""
VARIABLES = {"test": {"LOG_LEVEL": "debug"}, "prod": {"LOG_LEVEL": "warning"}}


def enter(actor: str) -> None:
    """Writes the template's first version; the first push from then on uses it."""
    from apps.inventory.services import set_user_data

    values = {"text": TEXT, "variables": VARIABLES}
    set_user_data(APPLICATION, values, actor=actor, reason="instances know who they are")
