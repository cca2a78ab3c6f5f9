"""TOML tables into frozen dataclasses, strictly: what is not known or not of its type is an error.

    for name, table in read_tables(path).items():
        modes[name] = build(Mode, table, f"{path}: [{name}]", name=name)

Fields may be str, int, float, bool, Literal, dataclasses (sub-tables), `T | None`, tuple[T, ...]
and Mapping[str, T]. A field without a default is a key that must be there.
"""

import tomllib
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

IN_WORDS = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}


class SettingsError(Exception):
    """Settings that cannot be used. The message names file or variable, table and key."""

    def __init__(self, where: str, sentence: str) -> None:
        super().__init__(f"{where}: {sentence}")
        self.where = where


def read(path: Path) -> dict[str, Any]:
    """A TOML file as it is. Raises SettingsError where it is missing or is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise SettingsError(str(path), fault.strerror or "cannot be read") from fault
    except ValueError as fault:  # not TOML, or not UTF-8
        raise SettingsError(str(path), f"this is not TOML: {fault}") from fault


def read_tables(path: Path) -> dict[str, dict[str, Any]]:
    """A TOML file of named tables and nothing else, in its order. Raises SettingsError."""
    tables = read(path)
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise SettingsError(str(path), f"the key {name!r} stands outside of any [table]")
    return tables


def build(cls: type[T], table: Mapping[str, Any], where: str, **given: object) -> T:
    """`table` as an instance of the dataclass `cls`. `given` are fields that the table may not set.

    `where` goes in front of every message. Raises SettingsError for a key that is unknown, missing
    or of the wrong type, and for values that the class itself refuses with a ValueError.
    """
    known = {field.name: field for field in fields(cls) if field.name not in given}  # type: ignore[arg-type]  # T is a dataclass
    for key in table:
        if key not in known:
            raise SettingsError(where, f"there is no key {key!r}; known: {', '.join(known)}")
    for key, field in known.items():
        if key not in table and _is_required(field):
            raise SettingsError(where, f"the key {key!r} is missing")
    hints = get_type_hints(cls)
    values = {key: convert(value, hints[key], where, key) for key, value in table.items()}
    try:
        return cls(**values, **given)
    except ValueError as fault:
        raise SettingsError(where, str(fault)) from fault


def convert(value: Any, hint: Any, where: str, key: str) -> Any:
    """`value` from TOML as what a field annotated `hint` holds. Raises SettingsError."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _first_that_fits(value, hint, where, key)
    if is_dataclass(hint) and isinstance(hint, type) and isinstance(value, dict):
        return build(hint, value, f"{where} [{key}]")
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(convert(item, args[0], where, key) for item in value)
    if origin is Mapping and isinstance(value, dict):
        return {
            name: convert(item, args[1], where, f"{key}.{name}") for name, item in value.items()
        }
    if origin is Literal and value in args:
        return value
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is hint:  # not isinstance: true is no number
        return value
    raise SettingsError(where, f"{key} = {_shown(value)} is not {in_words(hint)}")


def in_words(hint: Any) -> str:
    """What a value annotated `hint` is, for a message."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(in_words(arg) for arg in args if arg is not type(None))
    if origin is Literal:
        return "one of " + ", ".join(str(arg) for arg in args)
    if origin is tuple:
        return f"a list, each {in_words(args[0])}"
    return IN_WORDS.get(hint, "a table")


def _is_required(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _first_that_fits(value: Any, hint: Any, where: str, key: str) -> Any:
    for arg in get_args(hint):
        if arg is type(value):  # exact first, so that 3 stays an int in `float | int`
            return value
    for arg in get_args(hint):
        try:
            return convert(value, arg, where, key)
        except SettingsError:
            continue
    raise SettingsError(where, f"{key} = {_shown(value)} is not {in_words(hint)}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
