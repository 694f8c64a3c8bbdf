"""Numbers with what they count, as plans and steps say them: everybody who counts in a sentence counts with these."""

from __future__ import annotations


def many(count: int, noun: str) -> str:
    """As "1 rule", "7 rules"; `noun` is one of them, of those that add an s."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def instances(count: int) -> str:
    """As "1 instance", "7 instances"."""
    return many(count, "instance")


def are(count: int) -> str:
    """The verb of so many: "is", "are"."""
    return "is" if count == 1 else "are"
