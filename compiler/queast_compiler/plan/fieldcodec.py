"""How one field of a plan's dataclass becomes JSON and comes back, checked.

A codec is a pair of functions; `Read` gets the JSON value and the depth so far. Where in the plan something is wrong is
put together on the way out, so that a plan without mistakes pays nothing for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Write = Callable[[Any], Any]
Read = Callable[[Any, int], Any]


class PlanMalformed(ValueError):
    """JSON that is no plan: an unknown tag or key, a missing key, a wrong type, nesting past the bound."""

    def __init__(self, what: str, place: str = "") -> None:
        super().__init__(f"{place}: {what}" if place else what)
        self.what = what
        self.place = place

    def within(self, step: str) -> PlanMalformed:
        """Return the same of a value further in: `[2]: below 0` within `.fields` is `.fields[2]: below 0`."""
        return PlanMalformed(self.what, step + self.place)


@dataclass(frozen=True, slots=True)
class Codec:
    write: Write
    read: Read


Shape = tuple[tuple[str, Codec], ...]


def _expected(what: str, value: object) -> PlanMalformed:
    return PlanMalformed(f"expected {what}, found {type(value).__name__}")


def _same(value: Any) -> Any:
    return value


def _read_text(value: Any, _depth: int) -> str:
    if type(value) is not str:
        raise _expected("a string", value)
    return value


def _read_int(value: Any, _depth: int) -> int:
    if type(value) is not int:
        raise _expected("an integer", value)
    return value


def _read_bool(value: Any, _depth: int) -> bool:
    if type(value) is not bool:
        raise _expected("true or false", value)
    return value


def _read_scalar(value: Any, _depth: int) -> str | int | float | bool | None:
    if value is None or isinstance(value, (str, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise _expected("a scalar", value)


def _read_share(value: Any, _depth: int) -> float:
    # 1 is not 1.0 in canonical JSON, and a plan has one form.
    if type(value) is not float or not 0 <= value <= 1:
        raise PlanMalformed("expected a number from 0 to 1, with a point")
    return value


def _read_json(value: Any, _depth: int) -> Any:
    return value


def _read_object(value: Any, _depth: int) -> dict[str, Any]:
    if type(value) is not dict:
        raise _expected("an object", value)
    return value


TEXT = Codec(_same, _read_text)
INT = Codec(_same, _read_int)
BOOL = Codec(_same, _read_bool)
SCALAR = Codec(_same, _read_scalar)
SHARE = Codec(_same, _read_share)
JSON = Codec(_same, _read_json)
OBJECT = Codec(_same, _read_object)


def natural(value: Any, _depth: int) -> int:
    """Read an integer from 0."""
    if type(value) is not int:
        raise _expected("an integer", value)
    if value < 0:
        raise PlanMalformed("below 0")
    return value


NATURAL = Codec(_same, natural)


def optional(inner: Codec) -> Codec:
    """The inner form or null."""
    write_inner, read_inner = inner.write, inner.read

    def write(value: Any) -> Any:
        return None if value is None else write_inner(value)

    def read(value: Any, depth: int) -> Any:
        return None if value is None else read_inner(value, depth)

    return Codec(write, read)


def listed(inner: Codec) -> Codec:
    """A tuple, written as a list."""
    write_inner, read_inner = inner.write, inner.read

    def write(value: Any) -> Any:
        return [write_inner(item) for item in value]

    def read(value: Any, depth: int) -> Any:
        if type(value) is not list:
            raise _expected("a list", value)
        found: list[Any] = []
        try:
            for item in value:
                found.append(read_inner(item, depth))
        except PlanMalformed as error:
            raise error.within(f"[{len(found)}]") from None
        return tuple(found)

    return Codec(write, read)


def pair(first: Codec, second: Codec) -> Codec:
    """A tuple of two, written as a list of two."""

    def write(value: Any) -> Any:
        return [first.write(value[0]), second.write(value[1])]

    def read(value: Any, depth: int) -> Any:
        if type(value) is not list or len(value) != 2:
            raise _expected("a list of two", value)
        return _within("[0]", first.read, value[0], depth), _within("[1]", second.read, value[1], depth)

    return Codec(write, read)


def _within(step: str, read: Read, value: Any, depth: int) -> Any:
    try:
        return read(value, depth)
    except PlanMalformed as error:
        raise error.within(step) from None


def record(cls: type[Any], shape: Shape, *, further: int = 0) -> Codec:
    """A dataclass as an object of the keys in `shape`, in its fields' order; `further` keys are read elsewhere."""
    if [name for name, _ in shape] != list(cls.__dataclass_fields__):
        raise ValueError(f"the keys of {cls.__name__} are not its fields in their order")
    writes = tuple((name, codec.write) for name, codec in shape)
    reads = tuple((name, codec.read) for name, codec in shape)
    size = len(shape) + further

    def write(value: Any) -> Any:
        return {name: write_field(getattr(value, name)) for name, write_field in writes}

    def read(value: Any, depth: int) -> Any:
        if type(value) is not dict:
            raise _expected("an object", value)
        found: list[Any] = []
        try:
            for name, read_field in reads:
                if name not in value:
                    break
                found.append(read_field(value[name], depth))
        except PlanMalformed as error:
            raise error.within(f".{reads[len(found)][0]}") from None
        if len(found) < len(reads):
            raise PlanMalformed(f"key {reads[len(found)][0]} is missing")
        if len(value) != size:
            raise PlanMalformed("a key is not known")
        return cls(*found)

    return Codec(write, read)


def one_of(*allowed: str) -> Codec:
    """One of a closed list of strings."""
    choices = {choice: choice for choice in allowed}

    def read(value: Any, _depth: int) -> Any:
        if type(value) is not str or value not in choices:
            raise PlanMalformed(f"expected one of {', '.join(sorted(choices))}")
        # Our own text, so that thousands of plans do not keep one each.
        return choices[value]

    return Codec(_same, read)
