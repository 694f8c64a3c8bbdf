"""The console's web process, but for CloudWatch: pages ask that beside what they cost themselves."""

from __future__ import annotations

from apps.console.build import rates
from deployconsole.wsgi import application

__all__ = ["application"]

rates.group_metrics = lambda *_: {}  # type: ignore[attr-defined]
