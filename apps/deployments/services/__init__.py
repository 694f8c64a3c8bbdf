"""What console, API and command line may ask of deployments."""

from apps.deployments.services.cancel import (
    cancel,
    decide,
    preview_cancel,
    preview_choice,
    preview_choices,
    resume,
)
from apps.deployments.services.change import change, preview_change
from apps.deployments.services.clean_up import start_due_clean_ups
from apps.deployments.services.current import current_of_each, current_options, why_not_now
from apps.deployments.services.freezes import FreezeOver, FreezeRequest, create_freeze, end_freeze
from apps.deployments.services.lock import take_over
from apps.deployments.services.override import override
from apps.deployments.services.policy import policy_fields, policy_of, set_policy
from apps.deployments.services.push import preview_push, push
from apps.deployments.services.reconcile import reconcile
from apps.deployments.services.rollback import preview_rollback, rollback
from apps.deployments.services.scaffold import preview_removal, preview_scaffold, remove_scaffold, scaffold
from apps.deployments.services.user_data import Texts, user_data_of, user_data_of_push

__all__ = [
    "FreezeOver",
    "FreezeRequest",
    "Texts",
    "cancel",
    "change",
    "create_freeze",
    "current_of_each",
    "current_options",
    "decide",
    "end_freeze",
    "override",
    "policy_fields",
    "policy_of",
    "preview_cancel",
    "preview_change",
    "preview_choice",
    "preview_choices",
    "preview_push",
    "preview_removal",
    "preview_rollback",
    "preview_scaffold",
    "push",
    "reconcile",
    "remove_scaffold",
    "resume",
    "rollback",
    "scaffold",
    "set_policy",
    "start_due_clean_ups",
    "take_over",
    "user_data_of",
    "user_data_of_push",
    "why_not_now",
]
