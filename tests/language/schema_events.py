"""Entities that the canonical schemas admit, the unusual ones among them: drawn from the schemas, not from code."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import queast_schemas

JsonObject = dict[str, Any]
_ODD = (
    *("", " ", "0", "null", "NaN", "true", "2026-02-30", "{{ company.name }}", "<script>", "=1+1", "%s", "\\", "'"),
    *("\u0000", "\u202e", "e\u0301", "ß", "İ", "ﬃ", "\U0001f3f3\ufe0f\u200d\U0001f308", "a\r\nb", "a;b,c", "-0"),
)
_URIS = (
    *("https://www.acme.no/om", "HTTP://ACME.NO", "https://a.example:8443/p/%C3%A6?q=1&r=a%20b#top", "http://[::1]/"),
    *("mailto:a@acme.no", "urn:isbn:0451450523", "javascript:alert(1)", "https://xn--bcher-kva.example/", "a:"),
)
_HOSTS = ("acme.no", "www.acme.co.uk", "localhost", "xn--bcher-kva.example", "a.b.c.d.example", "127.0.0.1")
_EMAILS = ("ola@acme.no", "a+b@acme.co.uk", "o'neil@example.com", '"odd one"@example.com')
_PHONES = ("+4722334455", "22 33 44 55", "0", "ext. 5", "+1 (555) 010-9999")
_PATTERNS: dict[str, SearchStrategy[str]] = {
    "^[a-z]{2}$": st.sampled_from(["no", "en", "zz"]),
    "^[A-Z]{2}$": st.sampled_from(["NO", "SE", "GB", "US", "ZZ"]),
    "^[A-Z]{3}$": st.sampled_from(["NOK", "EUR", "ZZZ"]),
}
_ZONES = ("Z", "z", "+00:00", "-00:00", "+14:00", "-12:00", "+05:45")
_FRACTIONS = ("", ".5", ".000", ".123456", ".999999999")


@cache
def entities(name: str) -> SearchStrategy[JsonObject]:
    """Whole entities of one kind, `company` for instance."""
    document = queast_schemas.load(name)
    return _value(document, document)


def _value(schema: JsonObject, document: JsonObject) -> SearchStrategy[Any]:
    if "$ref" in schema:
        reference: str = schema["$ref"]
        if reference.startswith("#/$defs/"):
            return _value(document["$defs"][reference.removeprefix("#/$defs/")], document)
        return entities(reference.removesuffix(".schema.json"))
    if "if" in schema:
        assert schema["if"] == {"type": "null"}
        return st.none() | _value(schema["else"], document)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of(*(_of_type(each, schema, document) for each in types))


def _of_type(kind: str, schema: JsonObject, document: JsonObject) -> SearchStrategy[Any]:
    match kind:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            low, high = schema.get("minimum", -(2**63)), schema.get("maximum", 2**63 - 1)
            some = st.sampled_from([low, high, max(low, 0), min(high, 1)]) | st.integers(low, high)
            # To JSON Schema a number without a fraction is an integer however it is written.
            return some | some.map(float).filter(lambda whole: low <= whole <= high)
        case "number":
            low, high = schema.get("minimum", -1.7e308), schema.get("maximum", 1.7e308)
            whole = st.integers(int(max(low, -(2**63))), int(min(high, 2**63 - 1)))
            return st.sampled_from([low, high, max(low, -0.0), max(low, 5e-324)]) | st.floats(low, high) | whole
        case "string":
            return _text(schema)
        case "array":
            item = _value(schema["items"], document)
            return st.lists(item, min_size=schema.get("minItems", 0), max_size=min(schema.get("maxItems", 3), 3))
        case "object":
            needed = set(schema.get("required", ()))
            drawn = {key: _value(each, document) for key, each in schema["properties"].items()}
            return st.fixed_dictionaries(
                {key: each for key, each in drawn.items() if key in needed},
                optional={key: each for key, each in drawn.items() if key not in needed},
            )
        case _:
            raise TypeError(f"the schemas use no type {kind}")


def _text(schema: JsonObject) -> SearchStrategy[str]:
    if "pattern" in schema:
        return _PATTERNS[schema["pattern"]]
    low, high = schema.get("minLength", 0), schema.get("maxLength", 10_000)
    match schema.get("format"):
        case "date":
            return st.dates().map(lambda day: day.isoformat())
        case "date-time":
            return _moments()
        case "uri":
            return st.sampled_from(_URIS)
        case "hostname":
            return st.sampled_from(_HOSTS)
        case "email":
            return st.sampled_from(_EMAILS)
        case "phone":
            return st.sampled_from(_PHONES)
        case None:
            odd = [text for text in (*_ODD, "x" * high, "ŉ" * min(high, 300)) if low <= len(text) <= high]
            return st.sampled_from(odd) | st.text(st.characters(codec="utf-8"), min_size=low, max_size=min(high, 20))
        case other:
            raise TypeError(f"the schemas use no format {other}")


@st.composite
def _moments(draw: st.DrawFn) -> str:
    moment = draw(st.datetimes() | st.sampled_from([datetime.min, datetime.max]))
    zone = draw(st.sampled_from(_ZONES))
    sign = draw(st.sampled_from("Tt"))
    return f"{moment.replace(microsecond=0).isoformat().replace('T', sign)}{draw(st.sampled_from(_FRACTIONS))}{zone}"
