"""User data by a template: the same text everywhere, made for one group by what is known of it, and by variables.

`identity` knows what there is to be told of a group, `language` reads a text with placeholders, `rendering` puts the
two together. All of it is pure: no row, no call.
"""

from apps.inventory.user_data.identity import Identity, Known, known
from apps.inventory.user_data.rendering import MOST_BYTES, Template, Unrenderable

__all__ = ["MOST_BYTES", "Identity", "Known", "Template", "Unrenderable", "known"]
