"""What an HTTPS listener needs: a certificate that moto's Certificate Manager holds, and a security policy by name."""

from __future__ import annotations

from typing import Any

from moto.acm.exceptions import CertificateNotFound
from moto.acm.models import acm_backends

from apps.localcloud.errors import AwsError, validation_error
from apps.localcloud.operations import Call

HTTP, HTTPS = "HTTP", "HTTPS"
DEFAULT_POLICY = "ELBSecurityPolicy-2016-08"
_POLICIES = ("ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS")  # how the names of AWS's own begin


def check_protocol(protocol: str | None) -> None:
    """Raises AwsError for what no listener here can speak."""
    if protocol not in (HTTP, HTTPS):
        raise AwsError("UnsupportedProtocol", f"The embedded cloud offers HTTP and HTTPS listeners, not '{protocol}'")


def settings_of(call: Call) -> tuple[str, str]:
    """The certificate's ARN and the policy of a listener that is asked for; both empty for HTTP. Raises AwsError."""
    given = [str(one.get("CertificateArn") or "") for one in call.params.get("Certificates") or []]
    if call.params.get("Protocol") != HTTPS:
        if given or call.params.get("SslPolicy"):
            raise validation_error("Certificates and SSL policies can only be specified for HTTPS and TLS listeners")
        return "", ""
    if len(given) != 1:
        raise validation_error("A certificate must be specified for HTTPS listeners, and one only")
    policy = str(call.params.get("SslPolicy") or DEFAULT_POLICY)
    if not policy.startswith(_POLICIES):
        raise AwsError("SSLPolicyNotFound", f"SSL policy '{policy}' not found")
    _held(call, given[0])
    return given[0], policy


def tls_of(account: str, region: str, arn: str) -> str:
    """The private key and the certificate, as PEM. Raises AwsError."""
    held = _found(account, region, arn)
    return f"{held.key.decode().strip()}\n{held.cert.decode().strip()}\n"


def _held(call: Call, arn: str) -> None:
    if _found(call.account, call.region, arn).status != "ISSUED":
        raise AwsError("UnsupportedCertificate", f"The certificate '{arn}' must have been issued")


def _found(account: str, region: str, arn: str) -> Any:
    try:
        return acm_backends[account][region].get_certificate(arn)
    except CertificateNotFound as error:
        raise AwsError("CertificateNotFound", f"Certificate '{arn}' not found") from error
