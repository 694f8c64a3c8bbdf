"""The operations of the console as scenarios, one file each kind; importing registers them."""

from tests.faults.scenarios import cancels, choices, clean_ups, pushes, repairs, rollbacks

__all__ = ["cancels", "choices", "clean_ups", "pushes", "repairs", "rollbacks"]
