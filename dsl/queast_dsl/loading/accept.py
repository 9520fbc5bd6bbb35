"""Whether a value is what a schema asks for, by functions that are made of the schema once: most files are sound.

    {"type": "string", "maxLength": 3}  ->  lambda value: is_string(value) and len(value) <= 3

A yes is sure. After a no JSON Schema is asked (`validate.py`): it alone says what is wrong, and it alone knows the
keywords that are not in the tables here. A test holds the two to the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from queast_dsl.loading.plain import SCALARS, amount, exact, is_number, is_string, same

JsonObject = dict[str, Any]
Accepts = Callable[[Any], bool]
Keyword = Callable[[Any, JsonObject, Callable[[Any], Accepts]], Accepts]

_TYPES: Final[Mapping[str, Accepts]] = {
    **SCALARS,
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}
_SAYS_NOTHING: Final = frozenset(
    {"$schema", "$id", "$defs", "title", "description", "examples", "x-secret", "then", "else"}
)


class _Unsure(Exception):
    """A keyword or a value that only JSON Schema itself can judge. No answer is guessed: a condition may hang on it."""


def acceptor(schema: JsonObject, others: Mapping[str, JsonObject]) -> Accepts:
    """Return a function that says whether a value is surely as `schema` asks. `others` are schemas by their URI."""
    try:
        accepts = _Documents({"": schema, **others}).within("")(schema)
    except _Unsure:
        return _no

    def check(value: Any) -> bool:
        try:
            return accepts(value)
        except _Unsure:
            return False

    return check


class _Documents:
    """Schemas by their URI, and what is made of those of their parts that are referred to."""

    def __init__(self, roots: Mapping[str, JsonObject]) -> None:
        self._roots = roots
        self._made: dict[tuple[str, str], Accepts] = {}

    def within(self, document: str) -> Callable[[Any], Accepts]:
        """Return what makes a function of a part of a document."""

        def accepts(part: Any) -> Accepts:
            if isinstance(part, bool):
                return _yes if part else _no
            return _all([keyword(key, rule, part) for key, rule in part.items() if key not in _SAYS_NOTHING])

        def keyword(key: str, rule: Any, part: JsonObject) -> Accepts:
            if key == "$ref":
                return self._reference(document, rule)
            make = _KEYWORDS.get(key)
            if make is None:
                raise _Unsure
            return make(rule, part, accepts)

        return accepts

    def _reference(self, document: str, uri: str) -> Accepts:
        name, _, pointer = uri.partition("#")
        target = (name or document, pointer)
        made = self._made
        if target not in made:
            # A schema may refer to itself: until it is made, what it comes to is looked up when a value is there.
            made[target] = lambda value: made[target](value)
            made[target] = self.within(target[0])(_at(self._roots[target[0]], pointer))
        return made[target]


def _at(schema: JsonObject, pointer: str) -> Any:
    found: Any = schema
    for step in pointer.split("/")[1:]:
        found = found[step]
    return found


def _yes(_: object) -> bool:
    return True


def _no(_: object) -> bool:
    return False


def _all(checks: Sequence[Accepts]) -> Accepts:
    if len(checks) == 1:
        return checks[0]

    def accepts(value: Any) -> bool:
        for check in checks:  # noqa: SIM110 - a generator for each value takes longer than most of the checks
            if not check(value):
                return False
        return True

    return accepts


def _type(names: str | list[str], _: JsonObject, _accepts: Callable[[Any], Accepts]) -> Accepts:
    if isinstance(names, str):
        return _TYPES[names]
    kinds = [_TYPES[name] for name in names]
    return lambda value: any(kind(value) for kind in kinds)


def _members(rule: Any, part: JsonObject, accepts: Callable[[Any], Accepts]) -> Accepts:
    """`additionalProperties`, with the `properties` that it excludes."""
    known = {key: accepts(each) for key, each in part.get("properties", {}).items()}
    further = accepts(rule)

    def check(value: Any) -> bool:
        if isinstance(value, dict):
            for key, item in value.items():
                if not known.get(key, further)(item):
                    return False
        return True

    return check


def _items(rule: Any, _: JsonObject, accepts: Callable[[Any], Accepts]) -> Accepts:
    each = accepts(rule)
    return lambda value: not isinstance(value, list) or all(map(each, value))


def _names(rule: Any, _: JsonObject, accepts: Callable[[Any], Accepts]) -> Accepts:
    name = accepts(rule)
    return lambda value: not isinstance(value, dict) or all(map(name, value))


def _if(rule: Any, part: JsonObject, accepts: Callable[[Any], Accepts]) -> Accepts:
    condition = accepts(rule)
    then, orelse = accepts(part.get("then", True)), accepts(part.get("else", True))
    return lambda value: (then if condition(value) else orelse)(value)


def _required(keys: list[str], _: JsonObject, _accepts: Callable[[Any], Accepts]) -> Accepts:
    return lambda value: not isinstance(value, dict) or all(key in value for key in keys)


def _unique(rule: bool, _: JsonObject, _accepts: Callable[[Any], Accepts]) -> Accepts:
    def check(value: Any) -> bool:
        if not rule or not isinstance(value, list):
            return True
        if not all(isinstance(item, str) for item in value):
            raise _Unsure
        return len(set(value)) == len(value)

    return check


def _later(rule: Any, _: JsonObject, _accepts: Callable[[Any], Accepts]) -> Accepts:
    if isinstance(rule, list):
        return lambda value: not any(same(value, each) for each in rule)
    return _no if rule is True else _yes


def _pattern(rule: str, _: JsonObject, _accepts: Callable[[Any], Accepts]) -> Accepts:
    search = exact(rule).search
    return lambda value: not is_string(value) or search(value) is not None


def _size(applies: Accepts, fits: Callable[[int, int], bool]) -> Keyword:
    def keyword(bound: int, _: JsonObject, _accepts: Callable[[Any], Accepts]) -> Accepts:
        return lambda value: not applies(value) or fits(len(value), bound)

    return keyword


def _amount(fits: Callable[[float, float], bool]) -> Keyword:
    def keyword(bound: float, _: JsonObject, _accepts: Callable[[Any], Accepts]) -> Accepts:
        return lambda value: not is_number(value) or fits(amount(value), bound)

    return keyword


def _not(rule: Any, _: JsonObject, accepts: Callable[[Any], Accepts]) -> Accepts:
    refused = accepts(rule)
    return lambda value: not refused(value)


def _any(rules: list[Any], _: JsonObject, accepts: Callable[[Any], Accepts]) -> Accepts:
    choices = [accepts(rule) for rule in rules]
    return lambda value: any(choice(value) for choice in choices)


def _properties(_: Any, part: JsonObject, accepts: Callable[[Any], Accepts]) -> Accepts:
    return _yes if "additionalProperties" in part else _members(True, part, accepts)


def _one_of(allowed: list[Any], _: JsonObject, _accepts: Callable[[Any], Accepts]) -> Accepts:
    texts = frozenset(each for each in allowed if isinstance(each, str))
    return lambda value: (isinstance(value, str) and value in texts) or any(same(value, each) for each in allowed)


_KEYWORDS: Final[Mapping[str, Keyword]] = {
    "type": _type,
    "const": lambda rule, _part, _accepts: lambda value: same(value, rule),
    "enum": _one_of,
    "pattern": _pattern,
    "minLength": _size(is_string, int.__ge__),
    "maxLength": _size(is_string, int.__le__),
    "minItems": _size(_TYPES["array"], int.__ge__),
    "maxItems": _size(_TYPES["array"], int.__le__),
    "minProperties": _size(_TYPES["object"], int.__ge__),
    "maxProperties": _size(_TYPES["object"], int.__le__),
    "minimum": _amount(lambda value, least: value >= least),
    "maximum": _amount(lambda value, most: value <= most),
    "uniqueItems": _unique,
    "required": _required,
    "exclusiveMinimum": _amount(lambda value, bound: value > bound),
    "properties": _properties,
    "additionalProperties": _members,
    "items": _items,
    "propertyNames": _names,
    "if": _if,
    "not": _not,
    "anyOf": _any,
    "x-later": _later,
}
