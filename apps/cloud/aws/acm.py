"""Certificate Manager: the certificates that listeners of HTTPS may have. Looked at only."""

from __future__ import annotations

from apps.cloud.aws.session import call
from apps.cloud.values import CertificateState, Target

SERVICE = "acm"


def describe_certificate(target: Target, arn: str) -> CertificateState:
    """DescribeCertificate. Raises NotFound, and Denied where the role may not look."""
    shape = call(target, SERVICE, "DescribeCertificate", CertificateArn=arn)["Certificate"]
    return CertificateState(shape["CertificateArn"], shape.get("DomainName", ""), shape.get("Status", ""))
