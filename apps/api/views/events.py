"""What happened, who did it, and why."""

from __future__ import annotations

from rest_framework import mixins

from apps.api.base import ApiViewSet
from apps.api.serializers.events import EventSerializer
from apps.events.filters import EventFilter
from apps.events.selectors import all_events


class Events(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """The append-only record of who did what to what, newest first."""

    queryset = all_events()
    serializer_class = EventSerializer
    filterset_class = EventFilter
    lookup_value_converter = "int"
