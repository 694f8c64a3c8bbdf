"""What the roof may ask of this app."""

from apps.images.reported import Reported, ReportedGate
from apps.images.requests import BakePreview, BakeRequest, PromotionPreview, PromotionRequest, RevocationPreview
from apps.images.services.bakes import bake, cancel_bake, preview_bake, resume_bake
from apps.images.services.bases import approve_base, withdraw_base
from apps.images.services.builds import report_build
from apps.images.services.janitor import clean_up, end_keep, keep, note_references, rule_fields, set_rules
from apps.images.services.package_checks import check_package
from apps.images.services.promotion_decisions import cancel_promotion, resume_promotion
from apps.images.services.promotions import preview_promotion, promote
from apps.images.services.recipes import set_recipe
from apps.images.services.revocations import preview_revocation, revoke

__all__ = [
    "BakePreview",
    "BakeRequest",
    "PromotionPreview",
    "PromotionRequest",
    "Reported",
    "ReportedGate",
    "RevocationPreview",
    "approve_base",
    "bake",
    "cancel_bake",
    "cancel_promotion",
    "check_package",
    "clean_up",
    "end_keep",
    "keep",
    "note_references",
    "preview_bake",
    "preview_promotion",
    "preview_revocation",
    "promote",
    "report_build",
    "resume_bake",
    "resume_promotion",
    "revoke",
    "rule_fields",
    "set_recipe",
    "set_rules",
    "withdraw_base",
]
