"""Events that the canonical schemas admit, always the same ones: on what two plans are compared."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from typing import Any, Final

from queast_compiler.plan.ir import Scalar
from queast_dsl.entities import event_data
from queast_dsl.functions.model import INT_BOUND
from queast_schemas import load

JsonObject = dict[str, Any]

EVENTS: Final = 300
# No entity of Queast's: what a sender says when a company is marked as interesting there.
HIGHLIGHT: Final = "highlight"
_TEXTS: Final = (
    *("", " ", "  ", "\t\n", "ß", "Straße", "İ", "ΑΣ", "ŉ", "e\u0301", "a", "A", "a a", " Oslo ", "oslo", "OSLO"),
    *("0", "12", "2026-01-31", "a;b,c", "a-b", "<b>", "&amp;", "*a*", "null", "https://www.acme.no/om", "x" * 80),
)
_FORMATS: Final[dict[str, tuple[str, ...]]] = {
    "uri": ("https://www.acme.no/om", "HTTP://ACME.NO", "mailto:a@acme.no", "https://a.example:8443/p?q=1#top", "a:"),
    "hostname": ("acme.no", "ACME.no", "www.acme.co.uk", "localhost", "xn--bcher-kva.example"),
    "email": ("ola@acme.no", "Ola@ACME.no", "a+b@acme.co.uk"),
    "phone": ("+4722334455", "22 33 44 55", "0"),
    "date": ("2026-01-31", "1969-12-31", "2024-02-29", "0001-01-01", "9999-12-31"),
    "date-time": ("2026-01-31T12:00:00Z", "1969-12-31T23:59:59.5+02:00", "2024-02-29T00:00:00-12:00"),
}
_PATTERNS: Final[dict[str, tuple[str, ...]]] = {
    "^[a-z]{2}$": ("no", "en", "zz"),
    "^[A-Z]{2}$": ("NO", "SE", "DK", "GB", "ZZ"),
    "^[A-Z]{3}$": ("NOK", "EUR", "ZZZ"),
}
_HOST: Final = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9][a-z0-9-]{0,61})*", re.I)
_WHOLE: Final = (-1, 0, 1, 2, 9, 10, 99, 100, 999, 1_000, 2**53, 2**53 + 1, INT_BOUND - 1, -INT_BOUND)
_NUMBERS: Final = (*_WHOLE, -0.0, 0.5, 1.5, 2.5, -2.5, 1e-9, 1e300)


def sample_events(entity: str, spoken_of: Iterable[Scalar] = (), *, count: int = EVENTS) -> list[JsonObject]:
    """Return `data` of events about an entity, or what a note of a highlight sees.

    What plans compare with is `spoken_of`, so that both answers occur.
    `sample_events("company", ["Oslo"])  ->  [{"company": {"id": "a", "city": " oslo ", …}}, …]`
    """
    drawing = _Drawing(random.Random(20260131), tuple(spoken_of))  # noqa: S311 - the same events each time
    return [drawing.event(entity) for _ in range(count)]


class _Drawing:
    def __init__(self, chance: random.Random, spoken_of: tuple[Scalar, ...]) -> None:
        self._chance = chance
        words = [each for each in spoken_of if isinstance(each, str)]
        numbers = [each for each in spoken_of if isinstance(each, int | float) and not isinstance(each, bool)]
        self._words = tuple(words)
        changed = [form for each in words for form in (each, each.lower(), each.upper(), f" {each}", f"{each}x")]
        self._texts = tuple(dict.fromkeys(changed))
        around = (number for each in numbers for number in (each - 1, each, each + 1))
        # An integer past 64 bits is no value that an expression reads: it would tell of each dropped condition.
        self._numbers = tuple(each for each in around if isinstance(each, float) or -INT_BOUND <= each < INT_BOUND)
        self._texts_of: dict[tuple[int, int], list[str]] = {}

    def event(self, entity: str) -> JsonObject:
        data: JsonObject = {}
        for key, may_be_missing in ((HIGHLIGHT, False),) if entity == HIGHLIGHT else event_data(entity):
            if not may_be_missing or self._chance.random() < 0.8:
                document = load(key)
                data[key] = self._value(document, document)
        return data

    def _value(self, schema: JsonObject, document: JsonObject) -> Any:
        if "$ref" in schema:
            reference: str = schema["$ref"]
            if reference.startswith("#/$defs/"):
                return self._value(document["$defs"][reference.removeprefix("#/$defs/")], document)
            other = load(reference.removesuffix(".schema.json"))
            return self._value(other, other)
        if "if" in schema:
            return None if self._chance.random() < 0.2 else self._value(schema["else"], document)
        if "const" in schema:
            return schema["const"]
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if "null" in kinds and self._chance.random() < 0.2:
            return None
        (kind,) = [each for each in kinds if each != "null"]
        return self._of_kind(kind, schema, document)

    def _of_kind(self, kind: str, schema: JsonObject, document: JsonObject) -> Any:
        match kind:
            case "boolean":
                return self._chance.random() < 0.5
            case "integer":
                return self._number(kind, schema, (*_WHOLE, *(int(each) for each in self._numbers)))
            case "number":
                return self._number(kind, schema, (*_NUMBERS, *self._numbers))
            case "string":
                return self._text(schema)
            case "array":
                # The same item twice now and then, and sometimes none.
                few = self._chance.choice((0, 1, 1, 2, 3))
                items = [self._value(schema["items"], document) for _ in range(min(few, schema.get("maxItems", 3)))]
                return items if len(items) < 3 else [*items[:2], items[0]]
            case "object":
                needed = schema.get("required", ())
                return {
                    key: self._value(each, document)
                    for key, each in schema["properties"].items()
                    if key in needed or self._chance.random() < 0.9
                }
            case _:
                raise TypeError(f"the schemas use no type {kind}")

    def _number(self, kind: str, schema: JsonObject, pool: Iterable[int | float]) -> int | float:
        low = schema.get("minimum", -INT_BOUND if kind == "integer" else -1.7e308)
        high = schema.get("maximum", INT_BOUND - 1 if kind == "integer" else 1.7e308)
        return self._chance.choice([each for each in pool if low <= each <= high])

    def _text(self, schema: JsonObject) -> str:
        if "enum" in schema:
            known: list[str] = [each for each in schema["enum"] if each is not None]
            meant = [each for each in known if each in self._words]
            return self._chance.choice(meant if meant and self._chance.random() < 0.5 else known)
        if "pattern" in schema:
            fitting = [each for each in self._texts if re.search(schema["pattern"], each)]
            return self._chance.choice((*_PATTERNS[schema["pattern"]], *fitting))
        form = schema.get("format")
        if form == "hostname":
            return self._chance.choice((*_FORMATS[form], *(each for each in self._texts if _HOST.fullmatch(each))))
        if form in _FORMATS:
            return self._chance.choice(_FORMATS[form])
        bounds = (schema.get("minLength", 0), schema.get("maxLength", 65_536))
        if bounds not in self._texts_of:
            low, high = bounds
            pool = [each for each in (*_TEXTS, *self._texts) if low <= len(each) <= high]
            self._texts_of[bounds] = [*pool, "x" * min(high, 300)]
        is_spoken_of = self._chance.random() < 0.3
        fitting = [each for each in self._texts if is_spoken_of and bounds[0] <= len(each) <= bounds[1]]
        return self._chance.choice(fitting or self._texts_of[bounds])
