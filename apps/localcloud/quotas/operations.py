"""The Service Quotas operations. A requested value holds at once, and may be lower than before: tests lower it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from apps.localcloud.cloud import now
from apps.localcloud.errors import AwsError
from apps.localcloud.operations import Call, Result, operation
from apps.localcloud.quotas.model import QUOTAS, SERVICES, Quota, granted, value


def _service(call: Call) -> str:
    code = str(call.params["ServiceCode"])
    if code not in SERVICES:
        raise AwsError("NoSuchResourceException", f"The request failed because the service {code} is not known here.")
    return code


def _quota(call: Call) -> Quota:
    service, code = _service(call), call.params["QuotaCode"]
    found = QUOTAS.get(code)
    if found is None or found.service != service:
        raise AwsError(
            "NoSuchResourceException", f"The request failed because the specified quota {code} does not exist."
        )
    return found


def _view(call: Call, quota: Quota, present: int) -> dict[str, Any]:
    return {
        "ServiceCode": quota.service,
        "ServiceName": SERVICES[quota.service],
        "QuotaArn": f"arn:aws:servicequotas:{call.region}:{call.account}:{quota.service}/{quota.code}",
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": float(present),
        "Unit": "None",
        "Adjustable": quota.adjustable,
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "ACCOUNT",
    }


def _present(call: Call, quota: Quota) -> dict[str, Any]:
    return _view(call, quota, value(call.cloud, call.account, call.region, quota))


def _page(call: Call, shown: list[dict[str, Any]], member: str) -> Result:
    token = str(call.params.get("NextToken") or "0")
    if not token.isdigit():
        raise AwsError("InvalidPaginationTokenException", "Invalid token was used.")
    start, size = int(token), int(call.params.get("MaxResults") or 100)
    following = start + size
    return {member: shown[start:following], "NextToken": str(following) if following < len(shown) else None}


@operation("service-quotas", "GetServiceQuota")
def get_service_quota(call: Call) -> Result:
    """Its present value."""
    return {"Quota": _present(call, _quota(call))}


@operation("service-quotas", "GetAWSDefaultServiceQuota")
def get_default_service_quota(call: Call) -> Result:
    """AWS's own value."""
    quota = _quota(call)
    return {"Quota": _view(call, quota, quota.default)}


@operation("service-quotas", "ListServiceQuotas")
def list_service_quotas(call: Call) -> Result:
    """Of one service, or one of its quotas."""
    wanted = call.params.get("QuotaCode")
    chosen = [one for one in QUOTAS.values() if one.service == _service(call) and wanted in (None, one.code)]
    return _page(call, [_present(call, one) for one in chosen], "Quotas")


@operation("service-quotas", "ListAWSDefaultServiceQuotas")
def list_default_service_quotas(call: Call) -> Result:
    """Of one service."""
    chosen = [one for one in QUOTAS.values() if one.service == _service(call)]
    return _page(call, [_view(call, one, one.default) for one in chosen], "Quotas")


@operation("service-quotas", "ListServices")
def list_services(call: Call) -> Result:
    """Those that have quotas here."""
    return _page(call, [{"ServiceCode": code, "ServiceName": name} for code, name in SERVICES.items()], "Services")


@operation("service-quotas", "RequestServiceQuotaIncrease")
def request_service_quota_increase(call: Call) -> Result:
    """Approved at once, whatever is asked for; AWS takes hours, and never lowers."""
    quota, desired = _quota(call), float(call.params["DesiredValue"])
    if not quota.adjustable:
        raise AwsError("IllegalArgumentException", f"The quota {quota.name} is not adjustable.")
    if desired < 0:
        raise AwsError("IllegalArgumentException", "The desired value must not be negative.")
    known = granted(call.cloud, call.account, call.region)
    known.values[quota.code] = int(desired)
    request = {
        "Id": str(uuid4()),
        "ServiceCode": quota.service,
        "ServiceName": SERVICES[quota.service],
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "DesiredValue": desired,
        "Status": "APPROVED",
        "Created": now(),
        "LastUpdated": now(),
        "Requester": call.key.arn,
        "QuotaArn": _present(call, quota)["QuotaArn"],
        "GlobalQuota": False,
        "Unit": "None",
    }
    known.requests.append(request)
    return {"RequestedQuota": request}


@operation("service-quotas", "ListRequestedServiceQuotaChangeHistory")
def list_requested_changes(call: Call) -> Result:
    """The oldest first; of one service when it is named."""
    wanted = call.params.get("ServiceCode")
    requests = granted(call.cloud, call.account, call.region).requests
    return _page(call, [one for one in requests if wanted in (None, one["ServiceCode"])], "RequestedQuotas")
