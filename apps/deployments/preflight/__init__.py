"""What is looked at before anything is changed: one file for each check in `checks`, found by being there.

Some judge the situation alone, while the plan is made; the others read AWS once the plan is known, side by side.
"""

from apps.deployments.preflight.look import checked
from apps.deployments.preflight.plain import first_findings, push_findings

__all__ = ["checked", "first_findings", "push_findings"]
