"""Why something about images was not done. Nothing was created or changed when one of these is raised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Invalid(Exception):
    """The request's content is wrong: field name to sentences that say what and how to mend it."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__("; ".join(f"{field}: {' '.join(texts)}" for field, texts in errors.items()))
        self.errors = {field: list(texts) for field, texts in errors.items()}
