"""Checks of JSON against Google's own description of the API (the discovery document)."""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from tests.emulator.refusals import Json, Refused, violation

Checker = Callable[[Any], Any]
"""Takes a JSON value, gives it back without nulls and with numbers in their stored precision."""

INT32 = range(-(2**31), 2**31)


class Mismatch(Exception):
    """A value that the schema does not allow; its place is put together on the way out."""

    def __init__(self, kind: str, shown: str = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.shown = shown
        self.place: list[str] = []

    def refused(self, root: str = "") -> Refused:
        """The refusal in Google's words, with the place in its spelling (`requests[0].update_cells`)."""
        at = re.sub(r"\.\[", "[", ".".join([*([root] if root else []), *reversed(self.place)]))
        if self.kind == "unknown":
            where = f" at '{at}'" if at else ""
            text = f'Invalid JSON payload received. Unknown name "{self.shown}"{where}: Cannot find field.'
            return violation(at, text)
        return violation(at, f"Invalid value at '{at}' ({self.kind}), {self.shown}")


def snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:200]


def single_precision(value: float) -> float:
    """What is left of a number that Google keeps in four bytes (colours): 0.4980392156862745 -> 0.49803922 (C)."""
    stored = struct.unpack("f", struct.pack("f", value))[0]
    for digits in range(1, 10):
        short = float(f"{stored:.{digits}g}")
        if struct.unpack("f", struct.pack("f", short))[0] == stored:
            return short
    return float(stored)


def without_fraction(value: float) -> float | int:
    """3.0 is shown as 3 (M)."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def _check_string(value: Any) -> Any:
    if type(value) is not str:
        raise Mismatch("TYPE_STRING", _shown(value))
    return value


def _check_bool(value: Any) -> Any:
    if type(value) is not bool:
        raise Mismatch("TYPE_BOOL", _shown(value))
    return value


def _check_int(value: Any) -> Any:
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or value not in INT32:
        raise Mismatch("TYPE_INT32", _shown(value))
    return value


def _check_double(value: Any) -> Any:
    if type(value) is int:
        return value
    if type(value) is not float or not math.isfinite(value):
        raise Mismatch("TYPE_DOUBLE", _shown(value))
    return without_fraction(value)


def _check_float(value: Any) -> Any:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise Mismatch("TYPE_FLOAT", _shown(value))
    return without_fraction(single_precision(value))


def _check_any(value: Any) -> Any:
    return value


def _enum_checker(name: str, allowed: frozenset[str]) -> Checker:
    type_name = f"type.googleapis.com/google.apps.sheets.v4.{name[0].upper()}{name[1:]}"

    def check(value: Any) -> Any:
        if type(value) is not str or value not in allowed:
            raise Mismatch(type_name, _shown(value))
        return value

    return check


def _list_checker(item: Checker, keeps_null: bool, type_name: str) -> Checker:
    def check(value: Any) -> Any:
        if type(value) is not list:
            raise Mismatch(type_name, _shown(value))
        checked = []
        for index, each in enumerate(value):
            if each is None and not keeps_null:
                raise Mismatch(type_name, "null")
            try:
                checked.append(item(each))
            except Mismatch as mismatch:
                mismatch.place.append(f"[{index}]")
                raise
        return checked

    return check


def _map_checker(item: Checker) -> Checker:
    def check(value: Any) -> Any:
        if type(value) is not dict:
            raise Mismatch("Map", _shown(value))
        return {key: item(each) for key, each in value.items()}

    return check


class Discovery:
    """One API's description."""

    def __init__(self, document: str) -> None:
        shipped = files("googleapiclient").joinpath("discovery_cache", "documents", document)
        description = json.loads(shipped.read_text("utf-8"))
        self._schemas: Mapping[str, Json] = description["schemas"]
        self._common: Mapping[str, Json] = description["parameters"]
        self._methods = dict(_methods(description))
        self._checkers: dict[str, Checker] = {}

    def check_body(self, schema: str, body: Any) -> Json:
        """The body without its nulls. Raises `Refused` with Google's text where the schema does not allow it."""
        try:
            checked: Json = self.checker(schema)(body)
        except Mismatch as mismatch:
            raise mismatch.refused(root="data" if schema == "ValueRange" else "") from None
        return checked

    def checker(self, schema: str) -> Checker:
        if schema not in self._checkers:
            fields: dict[str, Checker] = {}
            self._checkers[schema] = self._object_checker(schema, fields)
            for name, description in self._schemas[schema].get("properties", {}).items():
                fields[name] = self._value_checker(name, description)
        return self._checkers[schema]

    def field(self, schema: str, name: str) -> tuple[bool, str]:
        """Whether the message has the field, and which message stands behind it ("" for plain values)."""
        description = self._schemas[schema].get("properties", {}).get(name)
        if description is None:
            return False, ""
        while "items" in description:
            description = description["items"]
        return True, description.get("$ref", "")

    def query(self, method: str, given: Mapping[str, list[str]]) -> dict[str, Any]:
        """The query of a URL, typed. Raises `Refused` for a name that the method does not have and for bad values."""
        known = self._methods[method]
        typed: dict[str, Any] = {}
        for name, values in given.items():
            description = known.get(name) or self._common.get(name)
            if description is None:
                text = (
                    f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
                    f"Field '{name}' could not be found in request message."
                )
                raise violation("", text)
            read = [_read_parameter(name, description, value) for value in values]
            typed[name] = read if description.get("repeated") else read[-1]
        return typed

    def _object_checker(self, schema: str, fields: Mapping[str, Checker]) -> Checker:
        def check(value: Any) -> Any:
            if type(value) is not dict:
                raise Mismatch(f"type.googleapis.com/google.apps.sheets.v4.{schema}", _shown(value))
            checked = {}
            for name, item in value.items():
                known = fields.get(name)
                if known is None:
                    raise Mismatch("unknown", name)
                if item is None:
                    continue
                try:
                    checked[name] = known(item)
                except Mismatch as mismatch:
                    mismatch.place.append(snake_case(name))
                    raise
            return checked

        return check

    def _value_checker(self, name: str, description: Json) -> Checker:
        if "$ref" in description:
            referred: str = description["$ref"]
            return lambda value: self.checker(referred)(value)
        kind = description["type"]
        if kind == "array":
            items = description["items"]
            of_any = items.get("type") == "any"
            list_value = items.get("type") == "array" or of_any
            type_name = "type.googleapis.com/google.protobuf.ListValue" if list_value else "Array"
            return _list_checker(self._value_checker(name, items), of_any, type_name)
        if kind == "object":
            return _map_checker(self._value_checker(name, description["additionalProperties"]))
        if "enum" in description:
            return _enum_checker(name, frozenset(description["enum"]))
        plain = {"string": _check_string, "boolean": _check_bool, "integer": _check_int, "any": _check_any}
        if kind == "number":
            return _check_float if description.get("format") == "float" else _check_double
        return plain[kind]


def _methods(description: Json) -> list[tuple[str, Mapping[str, Json]]]:
    found: list[tuple[str, Mapping[str, Json]]] = []
    for method in description.get("methods", {}).values():
        query = {name: each for name, each in method.get("parameters", {}).items() if each["location"] == "query"}
        found.append((method["id"], query))
    for resource in description.get("resources", {}).values():
        found.extend(_methods(resource))
    return found


def _read_parameter(name: str, description: Json, value: str) -> Any:
    place = snake_case(name)
    if "enum" in description:
        if value not in description["enum"]:
            type_name = f"type.googleapis.com/google.apps.sheets.v4.{name[0].upper()}{name[1:]}"
            raise violation(place, f"Invalid value at '{place}' ({type_name}), \"{value}\"")
        return value
    if description["type"] == "boolean":
        if value.lower() not in ("true", "false"):
            raise violation(place, f"Invalid value at '{place}' (TYPE_BOOL), \"{value}\"")
        return value.lower() == "true"
    if description["type"] == "integer":
        if not re.fullmatch(r"-?\d+", value):
            raise violation(place, f"Invalid value at '{place}' (TYPE_INT32), \"{value}\"")
        return int(value)
    return value


@cache
def sheets() -> Discovery:
    """The Sheets API, version 4."""
    return Discovery("sheets.v4.json")


@cache
def drive() -> Discovery:
    """The Drive API, version 3."""
    return Discovery("drive.v3.json")
