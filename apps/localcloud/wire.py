"""Requests into parameters and results into replies, in each service's own protocol, from botocore's service models.

moto's parsers do the work, and its serialisers for errors and JSON; what they lack (statuses of common errors) is
added here.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

from botocore.model import OperationNotFoundError
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

from apps.localcloud import xml_reply
from apps.localcloud.errors import AwsError
from apps.localcloud.http_handler import MAX_BODY

# A request's members as botocore's model names them: text, numbers, lists and mappings of any depth.
Params = Mapping[str, Any]

_BY_SIGNING_NAME = {
    "monitoring": "cloudwatch",
    "elasticloadbalancing": "elbv2",
    "email": "ses",
    "servicequotas": "service-quotas",
}
_CLASSIC_ELB_VERSION = "2012-06-01"


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def unpacked(request: Request) -> Request:
    """The request with its body uncompressed: SDKs compress large PutMetricData bodies. Raises AwsError."""
    if request.headers.get("Content-Encoding", "").lower() != "gzip":
        return request
    try:
        unpacker = zlib.decompressobj(wbits=31)
        body = unpacker.decompress(request.get_data(cache=True), MAX_BODY)
    except zlib.error as error:
        raise AwsError("InvalidRequest", f"The body is not gzip: {error}") from error
    if unpacker.unconsumed_tail:
        raise AwsError("RequestEntityTooLarge", f"The request is larger than {MAX_BODY} bytes.", 413)
    environ = dict(request.environ)
    del environ["HTTP_CONTENT_ENCODING"]
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
    environ.pop("werkzeug.request", None)
    return Request(environ)


def service_name(signing_name: str, request: Request) -> str:
    """botocore's service name; the two generations of load balancers share one signing name."""
    name = _BY_SIGNING_NAME.get(signing_name, signing_name)
    if name == "elbv2" and request.values.get("Version") == _CLASSIC_ELB_VERSION:
        return "elb"
    return name


def operation_name(request: Request) -> str:
    """The operation asked for, or '' where only the path tells (REST services)."""
    target: str = request.headers.get("X-Amz-Target", "")
    return str(request.values.get("Action") or target.rpartition(".")[2])


def parse(service: str, operation: str, request: Request) -> Params:
    """The operation's parameters. Raises AwsError when a required one is missing or one is malformed."""
    model = _operation(service, operation)
    parser = PROTOCOL_PARSERS[_protocol(model.service_model, request)](operation_model=model)
    try:
        params: dict[str, Any] = parser.parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.data,
                "url_path": request.path,
                "url_params": {},
            }
        )
    except (ValueError, TypeError, KeyError) as error:
        raise AwsError("MalformedInput", f"{operation}: {error}") from error
    _require(model, service, params)
    return params


def _require(model: OperationModel, service: str, params: Params) -> None:
    required = model.input_shape.required_members if model.input_shape else []
    for name in required:
        if params.get(name) in (None, ""):
            if service == "ec2":
                raise AwsError("MissingParameter", f"The request must contain the parameter {name}")
            member = name[0].lower() + name[1:]
            raise AwsError(
                "ValidationError",
                f"1 validation error detected: Value at '{member}' failed to satisfy constraint:"
                " Member must not be null",
            )


def answer(service: str, operation: str, request: Request, result: object) -> Reply:
    """`result` (a mapping, None or an AwsError) as the service would say it."""
    model = _operation(service, operation)
    protocol = _protocol(model.service_model, request)
    if protocol in ("ec2", "query") and not isinstance(result, Exception):
        told = result if isinstance(result, Mapping) else {}
        return _reply(200, xml_reply.write(model, protocol, told).encode(), {"Content-Type": "text/xml"})
    serializer = get_serializer_class(service, protocol)(operation_model=model)
    serialized = serializer.serialize({} if result is None else result)
    body = serialized["body"]
    status = result.status if isinstance(result, AwsError) and result.status != 400 else serialized["status_code"]
    return _reply(status, body if isinstance(body, bytes) else body.encode(), serialized["headers"])


def _reply(status: int, body: bytes, headers: Mapping[str, str]) -> Reply:
    request_id = str(uuid4())
    before, found, after = body.rpartition(xml_reply.REQUEST_ID.encode())
    raw = before + request_id.encode() + after if found else body
    return Reply(status, raw, {**headers, "x-amzn-RequestId": request_id})


def refusal(request: Request, error: AwsError) -> Reply:
    """An error given before service and operation are known, in the shape that every AWS client reads."""
    content_type: str = request.headers.get("Content-Type", "")
    request_id = str(uuid4())
    headers = {"x-amzn-RequestId": request_id, "x-amzn-ErrorType": error.code}
    if "json" in content_type:
        told = {"__type": error.code, "message": error.message}
        return Reply(error.status, json.dumps(told).encode(), {**headers, "Content-Type": content_type})
    inner = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    if request.values.get("Version") == "2016-11-15":  # EC2 wraps its errors differently
        text = f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    else:
        text = f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error></ErrorResponse>"
    return Reply(error.status, text.encode(), {**headers, "Content-Type": "text/xml"})


def _operation(service: str, operation: str) -> OperationModel:
    model = get_service_model(service)
    try:
        return model.operation_model(operation)
    except OperationNotFoundError:
        raise AwsError("InvalidAction", f"The action {operation} is not valid for this web service.") from None


def _protocol(model: ServiceModel, request: Request) -> str:
    try:
        return determine_request_protocol(model, request.headers.get("Content-Type", ""))
    except NotImplementedError as error:
        raise AwsError("UnsupportedProtocol", str(error), 415) from error
