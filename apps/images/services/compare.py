"""The commits between the two images of a comparison: read from where the application's recipe says."""

from __future__ import annotations

from apps.images.commits import Commits, commits_between
from apps.images.models import Recipe
from apps.images.selectors.diff import ImageDiff


def commits_of(diff: ImageDiff) -> Commits:
    """Never raises: what is not known is said. May ask a server, for some seconds; what it answered is kept."""
    before, after = diff.before, diff.after
    if before.application and after.application and before.application != after.application:
        return Commits(problem=f"They are of two applications, {before.application} and {after.application}.")
    recipe = Recipe.objects.filter(application__name=after.application or before.application).first()
    return commits_between(recipe, before.commit, after.commit)
