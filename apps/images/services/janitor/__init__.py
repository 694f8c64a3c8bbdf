"""The janitor: its rules, what people keep, its rounds, and the watch over what uses AMIs."""

from apps.images.services.janitor.keeps import end_keep, keep
from apps.images.services.janitor.references import note_references
from apps.images.services.janitor.rounds import clean_up
from apps.images.services.janitor.rules import RuleFields, rule_fields, set_rules

__all__ = ["RuleFields", "clean_up", "end_keep", "keep", "note_references", "rule_fields", "set_rules"]
