"""What changes builds and images."""

from apps.images.reported import Reported, ReportedGate
from apps.images.services.builds import report_build

__all__ = ["Reported", "ReportedGate", "report_build"]
