"""Changing the inventory: what people tell us, and what the cloud tells us."""
