"""Options of what is planned: a frozen dataclass that describes itself; form, API schema and checks derive from it."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

LARGEST = 1e300

_TYPES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "text"}


class Invalid(Exception):
    """The request's content is wrong: field name to sentences that say what and how to mend it.

    Fields of options are written `options.margin_percent`.
    """

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__("; ".join(f"{field}: {' '.join(texts)}" for field, texts in errors.items()))
        self.errors = {field: list(texts) for field, texts in errors.items()}


@dataclass(frozen=True)
class OptionSpec:
    """One option, as a form or a schema needs it. Units are words ("seconds"); `choices` are (value, label)."""

    name: str
    type: str  # integer, number, boolean, choice, text
    label: str
    help: str
    default: Any
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    nullable: bool = False
    lines: bool = False  # a text of several lines
    section: str = ""  # of a form: the title of those that are of use together; empty: of use to everybody


def option(
    default: Any,
    label: str,
    help: str = "",  # noqa: A002 -- the word every form library uses
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    unit: str = "",
    choices: tuple[tuple[str, str], ...] = (),
    lines: bool = False,
    section: str = "",
) -> Any:
    """A field of an options dataclass, with what people need to know of it."""
    metadata = {
        "label": label,
        "help": help,
        "minimum": minimum,
        "maximum": maximum,
        "unit": unit,
        "choices": choices,
        "lines": lines,
        "section": section,
    }
    return field(default=default, metadata=metadata)


@cache
def specs(options: type) -> tuple[OptionSpec, ...]:
    """The options a dataclass declares, in order."""
    hints = get_type_hints(options)
    return tuple(_spec(member, hints[member.name]) for member in fields(options))


def parse(options: type[T], given: Mapping[str, Any]) -> T:
    """The options with defaults filled in. Raises Invalid naming each unknown, ill-typed or out-of-range one."""
    known = {spec.name: spec for spec in specs(options)}  # type: ignore[arg-type]  # a class is hashable
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    for name, value in given.items():
        spec = known.get(name)
        if spec is None:
            errors[f"options.{name}"] = [f"There is no such option; known are {', '.join(sorted(known))}."]
            continue
        problem = _problem(spec, value)
        if problem:
            errors[f"options.{name}"] = [problem]
        values[name] = float(value) if spec.type == "number" and not problem and value is not None else value
    if errors:
        raise Invalid(errors)
    return options(**values)


def json_schema(options: type) -> dict[str, Any]:
    """The JSON Schema (as OpenAPI 3.0 writes it) of an options object."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {spec.name: property_schema(spec) for spec in specs(options)},
    }


def _spec(member: Field[Any], hint: Any) -> OptionSpec:
    if member.default is MISSING:
        raise TypeError(f"the option {member.name} has no default")
    nullable = get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)
    plain = next(arg for arg in get_args(hint) if arg is not type(None)) if nullable else hint
    choices = member.metadata["choices"]
    return OptionSpec(
        name=member.name,
        type="choice" if choices else _TYPES[plain],
        default=member.default,
        nullable=nullable,
        **member.metadata,
    )


def _problem(spec: OptionSpec, value: Any) -> str:
    """What is wrong with a value, in one sentence; empty if nothing is."""
    if value is None:
        return "" if spec.nullable else "This option may not be null; leave it out for its default."
    if spec.type == "choice":
        known = [choice for choice, _ in spec.choices]
        return "" if value in known else f"{value!r} is none of {', '.join(known)}."
    if not _is_a(spec.type, value):
        return f"{value!r} is not {'an' if spec.type == 'integer' else 'a'} {spec.type}."
    if spec.type in {"integer", "number"}:
        return _range_problem(spec, value)
    return ""


def _is_a(name: str, value: Any) -> bool:
    if name == "boolean" or isinstance(value, bool):
        return name == "boolean" and isinstance(value, bool)
    if name == "number":
        return isinstance(value, int | float) and abs(value) < LARGEST  # neither infinite nor no number
    return isinstance(value, int if name == "integer" else str)


def _range_problem(spec: OptionSpec, value: float) -> str:
    unit = f" {spec.unit}" if spec.unit else ""
    if spec.minimum is not None and value < spec.minimum:
        return f"{value} is too small: at least {spec.minimum:g}{unit}."
    if spec.maximum is not None and value > spec.maximum:
        return f"{value} is too large: at most {spec.maximum:g}{unit}."
    return ""


def property_schema(spec: OptionSpec) -> dict[str, Any]:
    """The JSON Schema of one option."""
    schema: dict[str, Any] = {"type": "string" if spec.type in {"choice", "text"} else spec.type}
    schema |= {"default": spec.default, "description": f"{spec.label}. {spec.help}".strip()}
    if spec.nullable:
        schema["nullable"] = True
    if spec.choices:
        schema["enum"] = [choice for choice, _ in spec.choices]
    schema |= {key: value for key, value in (("minimum", spec.minimum), ("maximum", spec.maximum)) if value is not None}
    return schema
