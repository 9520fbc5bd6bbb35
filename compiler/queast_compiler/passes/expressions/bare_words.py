"""`industry: Software`: a text that was meant as it stands, where an expression is read."""

from __future__ import annotations

import re

from queast_compiler.passes.expressions.environment import Destination, Environment
from queast_dsl.diagnostics.fixes import written
from queast_dsl.diagnostics.model import Diagnostics, Edit, Fix, Part
from queast_dsl.diagnostics.nearest import listed, nearest, only_nearest
from queast_dsl.functions import FORMS, REGISTRY
from queast_dsl.source import SourceText, Span

_PHRASE = re.compile(r"[^\W\d_]\w*(?:(?: ?[&/,'-] ?| )\w+){0,12}[.!]?|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_WORD = re.compile(r"[A-Za-z][\w@. +/-]*(?<! )")
_BOOLEANS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_TEXTS = frozenset({"string", "text", "html", "markdown", "enumeration", "set", "owner"})
_HELD = {"integer": "a whole number", "number": "a number", "date": "a date", "datetime": "a date and time"}
_KEYWORDS = frozenset({"true", "false", "null", "not", "and", "or", "in"})


def is_bare_text(text: str, env: Environment) -> bool:
    """Return whether the text reads as words: `Computer Software`, but not `company.name` or `compny`."""
    phrase = text.strip()
    if _PHRASE.fullmatch(phrase) is None:
        return False
    if "@" in phrase:
        return True
    words = re.findall(r"\w+", phrase)
    first = words[0]
    if any(word in _KEYWORDS or word in env.names for word in words) or first in env.tables:
        return False
    if len(words) == 1:
        near = nearest(first, env.names) is not None
        is_field = any(shape.get(first) is not None for shape in env.roots.values())
        return not (near or is_field or first in REGISTRY or first in FORMS)
    return True


def report_bare_text(text: SourceText, destination: Destination | None, diagnostics: Diagnostics) -> None:
    phrase = text.text.strip()
    start = text.text.index(phrase)
    at = text.at(start, start + len(phrase))
    if destination is None:
        help_ = f"to send this text: '{phrase}' in quotes inside an expression, or {{const: {phrase}}}"
    else:
        help_ = _help(phrase, destination)
    diagnostics.report("QM203", f"`{phrase}` is not a Queast field", at, help=help_, fix=_fix(phrase, at, destination))


def _fix(phrase: str, at: Span, destination: Destination | None) -> Fix | None:
    if destination is not None and destination.type == "boolean":
        word = _BOOLEANS.get(phrase.casefold())
        return None if word is None else written(at, word)
    if destination is not None and destination.type not in _TEXTS:
        return None
    if destination is None or not destination.options or phrase in destination.options:
        meant: str | None = phrase
    else:
        # What only holds the word, `BANKING` for `bank`, is for a person to choose.
        same = [option for option in destination.options if option.casefold() == phrase.casefold()]
        meant = same[0] if len(same) == 1 else only_nearest(re.sub(r"\W+", "_", phrase), destination.options)
    if meant is None:
        return None
    # Quotes are left out only where nobody could read the word as something else than text.
    shown = meant if _WORD.fullmatch(meant) else '"' + meant.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return Fix(f"write {{const: {shown}}}", (Edit(at, f"{{const: {shown}}}", Part.YAML),))


def _help(phrase: str, destination: Destination) -> str:
    name, options = destination.property, destination.options
    if destination.type == "boolean":
        meant = _BOOLEANS.get(phrase.casefold())
        return f"`{name}` holds true or false: write " + (f"`{name}: {meant}`" if meant else "one of the two")
    if destination.type not in _TEXTS:
        return f"`{name}` holds {_HELD.get(destination.type, 'another kind of value')}, and this is text"
    if not options or phrase in options:
        return f"to send this text: `{name}: {{const: {phrase}}}`"
    near = next((option for option in options if option.casefold() == phrase.casefold()), None) or _closest(
        phrase, options
    )
    if near is not None:
        return f"to send a text: `{name}: {{const: {near}}}`; `{phrase}` is no option of `{name}`"
    return f"to send a text: `{name}: {{const: …}}` with one of its options {listed(options)}"


def _closest(phrase: str, options: tuple[str, ...]) -> str | None:
    folded = re.sub(r"\W+", "_", phrase)
    if (near := nearest(folded, options)) is not None:
        return near
    holding = [option for option in options if folded.casefold() in option.casefold()]
    return min(holding, key=len) if holding else None
