"""Which gates a push asks for, and what they say of the build that is in an image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apps.images.models import Gate, Recipe
from apps.images.selectors import builds


@dataclass(frozen=True)
class Demanded:
    """The gates that an application's recipe asks for. `outcomes` is by name; empty where nothing was reported.

    `build` is the build's id and `says` what people call it; None where the image is of no build that was reported.
    """

    application: str
    outcomes: Mapping[str, str]
    build: int | None = None
    says: str = ""

    @property
    def missing(self) -> dict[str, str]:
        """The gates that were not passed, with the word for how they are."""
        return {
            name: str(Gate.Outcome(outcome).label).lower() if outcome else "not reported"
            for name, outcome in self.outcomes.items()
            if outcome != Gate.Outcome.PASSED
        }


def demanded(application: int, image_id: str, tags: Mapping[str, str]) -> Demanded | None:
    """What pushing an AMI to a cluster of the application (its key) asks for; None where it asks for nothing.

    1 query where nothing is asked for, 6 at most.
    """
    recipe = Recipe.objects.filter(application=application).values_list("application__name", "gates").first()
    name, asked = recipe or ("", [])
    if not asked:
        return None
    found = builds.of_image(name, image_id, tags)
    if found is None:
        return Demanded(name, dict.fromkeys(asked, ""))
    said = {gate.name: gate.outcome for gate in found.gates.all()}
    return Demanded(name, {gate: said.get(gate, "") for gate in asked}, found.pk, str(found))
