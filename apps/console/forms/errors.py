"""Putting what a service found wrong beside the field it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


def take_validation(form: forms.Form, error: ValidationError) -> None:
    """Adds a ValidationError's messages, by field where the form has it."""
    if hasattr(error, "error_dict"):
        take(form, error.message_dict)
    else:
        take(form, {NON_FIELD_ERRORS: error.messages})


def take(form: forms.Form, errors: Mapping[str, Sequence[str]]) -> None:
    """Adds sentences by field name; of a field that the form does not have, the name is said."""
    for name, sentences in errors.items():
        for sentence in sentences:
            if name in form.fields:
                form.add_error(name, sentence)
            else:
                form.add_error(None, sentence if name == NON_FIELD_ERRORS else f"{name}: {sentence}")


def status_of(form: forms.Form) -> int:
    """422 where a field of it is wrong; 409 where what it asks for is not allowed as things are; 200 without errors."""
    if set(form.errors) - {NON_FIELD_ERRORS}:
        return 422
    return 409 if form.errors else 200
