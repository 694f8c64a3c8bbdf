"""What changed: deployments, and what else people changed, found by one filter and told in one order of time."""

from apps.deployments.changes.filters import ChangeFilter
from apps.deployments.changes.timeline import ORDER, Timeline, timeline
from apps.deployments.changes.told import About, Altered, Change, changes

__all__ = ["ORDER", "About", "Altered", "Change", "ChangeFilter", "Timeline", "changes", "timeline"]
