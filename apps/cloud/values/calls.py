"""What is told of a call that was made to the cloud."""

from __future__ import annotations

from dataclasses import dataclass

from apps.cloud.values.target import Target

# IAM's name of a service, where it is not boto3's
_PREFIXES = {"elb": "elasticloadbalancing", "elbv2": "elasticloadbalancing", "service-quotas": "servicequotas"}


@dataclass(frozen=True)
class CallRecord:
    """One request sent (or, when `outcome` is LeaseTooShort, held back); repeats are records of their own."""

    service: str
    operation: str
    target: Target
    seconds: float
    outcome: str  # "ok", or the name of the apps.cloud.errors class
    changing: bool
    message: str = ""  # the error's text

    @property
    def action(self) -> str:
        """The call as IAM policies name it."""
        return f"{_PREFIXES.get(self.service, self.service)}:{self.operation}"
