"""What a role may do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Decision:
    """What IAM's simulator says of one action (`autoscaling:CreateAutoScalingGroup`) on one resource (`*`: any).

    `decision` is allowed, explicitDeny or implicitDeny. `missing` are condition keys without which it is not certain.
    """

    action: str
    decision: str
    resource: str = "*"
    missing: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.decision == "allowed"
