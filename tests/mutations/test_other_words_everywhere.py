"""The mistakes that stand in no word alone, made wherever a sound mapping has room for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from mutations.test_mutations import MAPPINGS, Workshop, workshop
from queast_dsl.diagnostics.model import Severity


@dataclass(frozen=True)
class Kind:
    """What is looked for in a mapping, what is written in its place, and what of that the finding has to touch."""

    name: str
    where: re.Pattern[str]
    written: Callable[[re.Match[str]], str]
    hint: str


def _unbraced(found: re.Match[str]) -> str:
    return found.group()[:-1]


KINDS = (
    Kind(
        "a list by another word",
        re.compile(r"(?m)^ +each(?=:)"),
        lambda m: m.group().replace("each", "foreach"),
        "each",
    ),
    Kind("a form in capitals", re.compile(r"(?<=\{)const(?=: [a-z_]+\}\n      id)"), lambda _: "Const", "const"),
    Kind("`or` for a fallback", re.compile(r" \?\? (?=')"), lambda _: " or ", "??"),
    Kind(
        "a hyphen in a field",
        re.compile(r"(?<=: company\.)[a-z]+_[a-z_]+(?=\n)"),
        lambda m: m.group().replace("_", "-"),
        "_",
    ),
    Kind(
        "a pattern without quotes",
        re.compile(r"'[A-Z]+([.-][A-Z]+)+'"),
        lambda m: m.group()[1:-1].replace(".", "-"),
        "'",
    ),
    Kind("one brace for two", re.compile(r"\}\}(?!\")"), _unbraced, "}}"),
    Kind("a comma left out", re.compile(r", (?=else = )"), lambda _: " ", ", else"),
    Kind(
        "a constant for a field",
        re.compile(r"(?<=\n      name: )company\.name(?=\n)"),
        lambda m: f"{{cosnt: {m.group()}}}",
        "const",
    ),
    Kind("the name of a template", re.compile(r"render(?=: [a-z_]+\})"), lambda _: "template", "render"),
    Kind("rows without a table", re.compile(r"(?m)(?<=^tables:\n)  [a-z_]+:\n"), lambda _: "", ":"),
    Kind(
        "a grant that is misspelt",
        re.compile(r"(?<=send: \[person\.)\w+"),
        lambda m: m.group().replace("_", ""),
        "person.",
    ),
)


def made(shop: Workshop, kind: Kind) -> Iterator[tuple[str, int, int]]:
    """Yield the mapping with one mistake of the kind, and where it is."""
    sound = shop.text
    for found in kind.where.finditer(sound):
        new = kind.written(found)
        yield sound[: found.start()] + new + sound[found.end() :], found.start(), found.start() + max(1, len(new))


@pytest.mark.parametrize("name", MAPPINGS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_is_one_error_near_its_place_with_a_way_out(kind: Kind, name: str) -> None:
    shop = workshop(name)
    wrong = []
    for text, start, end in made(shop, kind):
        found = shop.findings(text)
        shown = "; ".join(f"{each.code} {each.message} ({each.help})" for each in found)
        if len(found) != 1 or found[0].severity is not Severity.ERROR:
            wrong.append(f"{len(found)} findings: {shown}")
            continue
        span = found[0].span
        first, last = text.count("\n", 0, start), text.count("\n", 0, end)
        if span is None or not (first <= span.line - 1 <= last):
            wrong.append(f"elsewhere: {shown}")
        elif kind.hint not in (found[0].help or ""):
            wrong.append(f"no way out: {shown}")
    assert wrong == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_some_mapping_has_room_for_each(kind: Kind) -> None:
    assert any(True for name in MAPPINGS for _ in made(workshop(name), kind))
