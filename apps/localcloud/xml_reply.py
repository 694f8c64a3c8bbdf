"""Results as XML in the two protocols of EC2 and its kin; moto's own writer takes over a millisecond an instance.

A writer is made once for each operation, from botocore's shapes, and then only joins text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

REQUEST_ID = "request-id"  # stands where the reply's id goes
_Writer = Callable[[Any, list[str]], None]  # appends a value's content, without its own tags
_WRITERS: dict[tuple[str, str], _Writer] = {}  # by service and operation
_Member = tuple[str, str, bool, _Writer]  # name, tag, whether it is a list without an element of its own, writer


def write(model: OperationModel, protocol: str, result: Mapping[str, Any]) -> str:
    """The reply's body; `protocol` is `ec2` or `query`. Members that are None are left out."""
    content: list[str] = []
    shape = model.output_shape
    if shape is not None:
        key = (model.service_model.service_name, model.name)
        if key not in _WRITERS:
            _WRITERS[key] = _writer(shape, protocol == "ec2")
        _WRITERS[key](result, content)
    namespace = model.metadata["xmlNamespace"]
    opening, closing = f'<{model.name}Response xmlns="{namespace}">', f"</{model.name}Response>"
    told = "".join(content)
    if protocol == "ec2":
        return f"{opening}{told}<requestId>{REQUEST_ID}</requestId>{closing}"
    wrapper = shape.serialization.get("resultWrapper") if shape is not None else None
    if wrapper:
        told = f"<{wrapper}>{told}</{wrapper}>"
    identity = f"<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata>"
    return f"{opening}{told}{identity}{closing}"


def _writer(shape: Shape, ec2: bool) -> _Writer:
    if isinstance(shape, StructureShape):
        return _structure(shape, ec2)
    if isinstance(shape, ListShape):
        return _list(shape, ec2)
    if isinstance(shape, MapShape):
        return _map(shape, ec2)
    text = _TEXTS.get(shape.type_name, _plain)
    if shape.type_name == "timestamp":
        text = _milliseconds if ec2 else _moment
    return lambda value, out: out.append(text(value))


def _structure(shape: StructureShape, ec2: bool) -> _Writer:
    members: list[_Member] = []

    def write(value: Mapping[str, Any], out: list[str]) -> None:
        if not members:  # made at first use: a shape may contain itself
            members.extend(_member(name, one, ec2) for name, one in shape.members.items())
        for name, tag, bare, writer in members:
            held = value.get(name)
            if held is None:
                continue
            if bare:
                writer(held, out)
                continue
            before = len(out)
            out.append(f"<{tag}>")
            writer(held, out)
            if len(out) == before + 1 or (len(out) == before + 2 and not out[-1]):
                out[before:] = [f"<{tag}/>"]
            else:
                out.append(f"</{tag}>")

    return write


def _member(name: str, shape: Shape, ec2: bool) -> _Member:
    bare = isinstance(shape, ListShape) and bool(shape.serialization.get("flattened"))
    return name, shape.serialization.get("name", name), bare, _writer(shape, ec2)


def _list(shape: ListShape, ec2: bool) -> _Writer:
    if shape.serialization.get("flattened"):
        tag = shape.member.serialization.get("name") or shape.serialization.get("name", "")
    else:
        tag = shape.member.serialization.get("name", "member")
    writer = _writer(shape.member, ec2)

    def write(values: Any, out: list[str]) -> None:
        for value in values:
            out.append(f"<{tag}>")
            writer(value, out)
            out.append(f"</{tag}>")

    return write


def _map(shape: MapShape, ec2: bool) -> _Writer:
    key_tag = shape.key.serialization.get("name", "key")
    value_tag = shape.value.serialization.get("name", "value")
    writer = _writer(shape.value, ec2)

    def write(values: Mapping[str, Any], out: list[str]) -> None:
        for key, value in values.items():
            out.append(f"<entry><{key_tag}>{escape(key)}</{key_tag}><{value_tag}>")
            writer(value, out)
            out.append(f"</{value_tag}></entry>")

    return write


def _plain(value: object) -> str:
    return escape(str(value))


def _boolean(value: object) -> str:
    return "true" if value in (True, "true") else "false"


def _milliseconds(value: datetime | str) -> str:
    if isinstance(value, str):
        return value
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"


def _moment(value: datetime | str) -> str:
    if isinstance(value, str):
        return value
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


_TEXTS: Mapping[str, Callable[[Any], str]] = {"boolean": _boolean}
