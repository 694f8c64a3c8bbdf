"""What no address in a recipe may hold: recipes are shown to everybody, told in events and frozen into bakes."""

from __future__ import annotations

import re

# `git@host` names nobody: it is whom every server's users log in as, with keys of their own
_NAMED = re.compile(r"(?!\S*ssh:)[a-z][a-z0-9+.-]*://[^/?#]*@", re.IGNORECASE)


def names_somebody(address: str) -> bool:
    """Whether a user name, a password or a token stands in front of an address's host."""
    return _NAMED.match(address) is not None
