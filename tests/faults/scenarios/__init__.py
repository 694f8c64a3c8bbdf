"""The operations of the console as scenarios, one file each kind; importing registers them."""

from tests.faults.scenarios import cancels, clean_ups, pushes, rollbacks

__all__ = ["cancels", "clean_ups", "pushes", "rollbacks"]
