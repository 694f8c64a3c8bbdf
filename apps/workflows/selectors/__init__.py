"""What the floors above may read of the engine."""

from apps.workflows.selectors.choices import Choice, cancelling, choices

__all__ = ["Choice", "cancelling", "choices"]
