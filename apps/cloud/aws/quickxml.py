"""Reads AWS's large XML answers several times faster than botocore does, into the same dictionaries.

botocore walks its service model anew for every element. Here the model is compiled once, as it is met: each shape
becomes a small function that looks an element's tag up in a table. Only successful answers of reading calls come this
way; whatever is out of the ordinary is left to botocore.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLParser

from botocore.client import BaseClient
from botocore.model import ListShape, OperationModel, Shape, StructureShape
from botocore.utils import parse_timestamp

from apps.cloud.aws.ec2_shapes import INSTANCE_MEMBERS
from apps.cloud.aws.resting import collector_resting

Reader = Callable[[Element], Any]
PROTOCOLS = frozenset({"ec2", "query"})


class Unusual(Exception):
    """The answer holds what this module does not read."""


def install(client: BaseClient) -> None:
    """From now on the client's large answers are read here."""
    client.meta.events.register("before-parse", _before_parse)


def read(body: bytes, operation: OperationModel) -> dict[str, Any]:
    """A successful answer as botocore would give it, without ResponseMetadata. Raises Unusual."""
    shape = operation.output_shape
    if shape is None or operation.service_model.resolved_protocol not in PROTOCOLS:
        raise Unusual(operation.name)
    parser = XMLParser(encoding="utf-8")  # noqa: S314 - AWS's own answer; botocore reads it with the same parser
    try:
        with collector_resting():
            parser.feed(body)
            root: Element | None = parser.close()
            wrapper = shape.serialization.get("resultWrapper")
            if wrapper:
                root = next((child for child in root or () if _local(child.tag) == wrapper), None)
            if root is None:
                raise Unusual(f"{operation.name} without {wrapper}")
            found: dict[str, Any] = _reader(shape, operation.service_model.service_name)(root)
    except (ParseError, ValueError) as error:
        raise Unusual(str(error)) from error
    return found


def _before_parse(
    operation_model: OperationModel,
    response_dict: dict[str, Any],
    customized_response_dict: dict[str, Any],
    **_: object,
) -> None:
    """botocore's hook: `customized_response_dict` joins the answer, of which botocore then finds an empty shell."""
    if response_dict["status_code"] != 200 or not operation_model.name.startswith("Describe"):
        return
    try:
        found = read(response_dict["body"], operation_model)
    except Unusual:
        return
    customized_response_dict.update(found)
    shape = operation_model.output_shape
    wrapper = shape.serialization.get("resultWrapper") if shape else None
    response_dict["body"] = f"<Answer><{wrapper}/></Answer>".encode() if wrapper else b"<Answer/>"


# members that are read, of shapes that hold much that nobody looks at; all of any other shape
READ: Mapping[str, frozenset[str]] = {"ec2 Instance": INSTANCE_MEMBERS}

_structures: dict[str, Reader] = {}  # by service and shape


def _structure(shape: StructureShape, service: str) -> Reader:
    """Members are compiled when their tag is first met, so that shapes may hold themselves and namespaces may vary."""
    key = f"{service} {shape.name}"
    if key in _structures:
        return _structures[key]
    wanted = READ.get(key, shape.members)
    members = {_tag(name, member): (name, member) for name, member in shape.members.items() if name in wanted}
    table: dict[str, tuple[str, Reader, bool] | None] = {}

    def resolve(tag: str) -> tuple[str, Reader, bool] | None:
        named = members.get(_local(tag))
        entry = (named[0], _reader(named[1], service), _is_flat(named[1])) if named else None
        table[tag] = entry
        return entry

    def read_structure(element: Element) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for child in element:
            tag = child.tag
            entry = table[tag] if tag in table else resolve(tag)
            if entry is None:
                continue
            name, reader, flat = entry
            if flat:
                found.setdefault(name, []).append(reader(child))
            else:
                found[name] = reader(child)
        return found

    _structures[key] = read_structure
    return read_structure


def _reader(shape: Shape, service: str) -> Reader:
    """What reads an element of this shape; of a flattened list, what reads one of its elements."""
    if isinstance(shape, StructureShape):
        return _structure(shape, service)
    if isinstance(shape, ListShape):
        item = _reader(shape.member, service)
        return item if _is_flat(shape) else lambda element: [item(child) for child in element]
    if shape.type_name not in _SCALARS:
        raise Unusual(f"a {shape.type_name}")
    return _SCALARS[shape.type_name]


def _tag(name: str, member: Shape) -> str:
    """The tag that carries a member; a flattened list's elements carry the name of its items, if they have one."""
    if _is_flat(member) and isinstance(member, ListShape) and member.member.serialization.get("name"):
        return str(member.member.serialization["name"])
    return str(member.serialization.get("name") or name)


def _is_flat(shape: Shape) -> bool:
    return isinstance(shape, ListShape) and bool(shape.serialization.get("flattened"))


def _local(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]


def _time(element: Element) -> datetime:
    text = element.text or ""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = parse_timestamp(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


_SCALARS: dict[str, Reader] = {
    "string": lambda element: element.text or "",
    "character": lambda element: element.text or "",
    "integer": lambda element: int(element.text or ""),
    "long": lambda element: int(element.text or ""),
    "float": lambda element: float(element.text or ""),
    "double": lambda element: float(element.text or ""),
    "boolean": lambda element: element.text == "true",
    "timestamp": _time,
    "blob": lambda element: base64.b64decode(element.text or ""),
}
