"""JSON into dataclasses, strictly: no unknown field, no missing one, no value of another type.

What Python reads and a page cannot hold is a fault too: NaN, integers past 2**53, lone surrogates.
"""

import functools
import json
import math
import types
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from sotto_signaling.errors import MessageError

LARGEST_INT = 2**53 - 1  # a page's numbers are doubles (RFC 8259 section 6)


def read_object(text: str) -> dict[str, Any]:
    """The JSON object in `text`. Raises MessageError."""
    try:
        data = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as fault:
        raise MessageError("This is not JSON.") from fault
    if not isinstance(data, dict):
        raise MessageError("A message is a JSON object.")
    return data


def build(data: dict[str, Any], cls: Any, where: str) -> object:
    """An instance of the dataclass `cls`. Raises MessageError naming the field, from `where` on."""
    known = {field.name: field for field in fields(cls)}
    for name in data:
        if name not in known:
            raise MessageError(f"{where}: there is no field {shown(name)}.")
    for name, field in known.items():
        if name not in data and field.default is MISSING:
            raise MessageError(f"{where}: the field {name!r} is missing.")
    hints = _hints(cls)
    values = {name: _check(value, hints[name], f"{where}.{name}") for name, value in data.items()}
    built: object = cls(**values)
    return built


def shown(value: object) -> str:
    """The value as a sentence can carry it: short, and never a nested thing."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:39] + "…")
    if isinstance(value, int | float):
        return f"{value:g}" if abs(value) < 10**15 else "that number"
    return "an object" if isinstance(value, dict) else "a list"


def _no_number(name: str) -> None:
    # Python reads NaN and Infinity, which are not JSON (RFC 8259 section 6).
    raise ValueError(name)


@functools.cache
def _hints(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls)


def _check(value: Any, hint: Any, where: str) -> Any:  # JSON values have no better type
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in args:
            return None
        return _check(value, next(arg for arg in args if arg is not type(None)), where)
    if origin is list and isinstance(value, list):
        return [_check(item, args[0], where) for item in value]
    if is_dataclass(hint) and isinstance(value, dict):
        return build(value, hint, where)
    if origin is Literal and value in args:
        return value
    if isinstance(hint, type) and _holds(value, hint):
        return hint(value)
    raise MessageError(f"{where}: {shown(value)} is not {_in_words(hint)}.")


def _holds(value: Any, hint: type) -> bool:
    """Whether the plain `value` is a `hint` that a page holds unchanged."""
    if issubclass(hint, StrEnum):
        return isinstance(value, str) and value in set(hint)
    if type(value) is int and hint in (int, float):
        return abs(value) <= LARGEST_INT
    if type(value) is float and hint is float:
        return math.isfinite(value)  # 1e999 reads as infinity
    if type(value) is str and hint is str:
        return not any("\ud800" <= character <= "\udfff" for character in value)
    return type(value) is bool and hint is bool


def _in_words(hint: Any) -> str:
    if get_origin(hint) in (Union, types.UnionType):
        return _in_words(get_args(hint)[0])
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(get_args(hint))
    names = {
        str: "a string of Unicode characters",
        int: "a whole number that a page can hold",
        float: "a finite number",
        bool: "true or false",
    }
    if hint in names:
        return names[hint]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return "a known code"
    return "an object" if is_dataclass(hint) else "a list"
