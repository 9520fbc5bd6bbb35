"""Functions on text."""

from __future__ import annotations

import unicodedata
from typing import Final

from queast_dsl.functions.model import MAX_ITEMS, MAX_TEXT, Cleared, Example, Function, FunctionError, Param, bounded

_TEXT = Param("text", "str")


def _title(text: str) -> str:
    """Upper case at the start of each word only: an apostrophe starts no word."""
    words = text.split(" ")
    return " ".join(f"{word[:1].upper()}{word[1:].lower()}" for word in words)


def _capitalize(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _replace(text: str, old: str, new: str) -> str:
    if not old:
        raise FunctionError("the text to replace is empty")
    grown = len(text) + text.count(old) * (len(new) - len(old))
    if grown > MAX_TEXT:
        raise FunctionError(f"the result is longer than {MAX_TEXT} characters")
    return text.replace(old, new)


def _substring(text: str, start: int, length: int = MAX_TEXT) -> str:
    if start < 0 or length < 0:
        raise FunctionError("start and length cannot be negative")
    return text[start : start + length]


def _split(text: str, separator: str) -> list[str]:
    if not separator:
        raise FunctionError("the separator is empty")
    if text.count(separator) >= MAX_ITEMS:
        raise FunctionError(f"more than {MAX_ITEMS} parts")
    return text.split(separator)


def _truncate(text: str, length: int, ending: str = "…") -> str:
    if length < 0:
        raise FunctionError("the length cannot be negative")
    if len(text) <= length:
        return text
    return text[: max(0, length - len(ending))] + ending[:length]


def _pad(text: str, length: int, fill: str) -> str:
    if len(fill) != 1:
        raise FunctionError("padding is exactly one character")
    if length > MAX_TEXT:
        raise FunctionError(f"the result is longer than {MAX_TEXT} characters")
    return fill * max(0, length - len(text))


def _pad_left(text: str, length: int, fill: str = " ") -> str:
    return _pad(text, length, fill) + text


def _pad_right(text: str, length: int, fill: str = " ") -> str:
    return text + _pad(text, length, fill)


def _concat(*texts: str) -> str:
    return bounded("".join(texts))


def _before(text: str, mark: str) -> str:
    return text.partition(mark)[0] if mark else text


def _after(text: str, mark: str) -> str:
    return text.partition(mark)[2] if mark else ""


def _ascii(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return decomposed.encode("ascii", "ignore").decode("ascii")


# Letters that NFKD does not take apart.
_LETTERS: Final = str.maketrans(
    {"ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "ß": "ss", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L"}
)


def _is_blank(text: str | None) -> bool:
    return text is None or not text.strip()


def _none_if_blank(text: str) -> str | None:
    return text if text.strip() else None


def _initials(text: str) -> str:
    return "".join(word[0].upper() for word in text.split()[:4])


def _one(name: str, python: object, doc: str, *examples: Example, grows: int) -> Function:
    if not callable(python):
        raise TypeError(name)
    return Function(name, "text", (_TEXT,), "str", python, doc, examples, bound="text", grows=grows)


FUNCTIONS: Final[tuple[Function, ...]] = (
    _one("lower", str.lower, "The text in lower case.", Example("lower('ACME')", "acme"), grows=2),
    _one("upper", str.upper, "The text in upper case.", Example("upper('acme')", "ACME"), grows=3),
    _one(
        "title",
        _title,
        "Upper case at the start of each word.",
        Example("title('nordic DATA')", "Nordic Data"),
        grows=3,
    ),
    _one("capitalize", _capitalize, "Upper case at the start.", Example("capitalize('nordic')", "Nordic"), grows=3),
    _one("trim", str.strip, "The text without white space at its ends.", Example("trim('  a b ')", "a b"), grows=1),
    _one("squeeze", _squeeze, "Each run of white space as one space.", Example("squeeze(' a   b ')", "a b"), grows=1),
    _one(
        "ascii",
        _ascii,
        "Letters without accents; what has no such letter is left out.",
        Example("ascii('Ærø')", "AEro"),
        grows=5,
    ),
    Function(
        "replace",
        "text",
        (_TEXT, Param("old", "str"), Param("new", "str")),
        "str",
        _replace,
        "Every occurrence of one text replaced by another. No patterns.",
        (Example("replace('a-b-c', '-', '')", "abc"),),
        total=False,
        bound="text",
    ),
    Function(
        "substring",
        "text",
        (_TEXT, Param("start", "int"), Param("length", "int", optional=True, default=MAX_TEXT)),
        "str",
        _substring,
        "The part from a character on, counted from 0, at most `length` characters.",
        (Example("substring('abcdef', 2, 3)", "cde"), Example("substring('abc', 1)", "bc")),
        total=False,
    ),
    Function(
        "truncate",
        "text",
        (_TEXT, Param("length", "int"), Param("ending", "str", optional=True, default="…")),
        "str",
        _truncate,
        "At most `length` characters, the ending included where something was cut.",
        (Example("truncate('abcdef', 4)", "abc…"), Example("truncate('abc', 4)", "abc")),
        total=False,
    ),
    Function(
        "pad_left",
        "text",
        (_TEXT, Param("length", "int"), Param("fill", "str", optional=True, default=" ")),
        "str",
        _pad_left,
        "Filled up on the left to a length.",
        (Example("pad_left('7', 3, '0')", "007"),),
        total=False,
        bound="text",
    ),
    Function(
        "pad_right",
        "text",
        (_TEXT, Param("length", "int"), Param("fill", "str", optional=True, default=" ")),
        "str",
        _pad_right,
        "Filled up on the right to a length.",
        (Example("pad_right('a', 3, '.')", "a.."),),
        total=False,
        bound="text",
    ),
    Function(
        "concat",
        "text",
        (Param("texts", "str", variadic=True),),
        "str",
        _concat,
        "Texts one after the other; null where one of them is null.",
        (Example("concat('a', '-', 'b')", "a-b"),),
        total=False,
        bound="text",
    ),
    Function(
        "before",
        "text",
        (_TEXT, Param("mark", "str")),
        "str",
        _before,
        "What stands before the first occurrence of a mark; everything where it does not occur.",
        (Example("before('a/b/c', '/')", "a"),),
    ),
    Function(
        "after",
        "text",
        (_TEXT, Param("mark", "str")),
        "str",
        _after,
        "What stands after the first occurrence of a mark; empty where it does not occur.",
        (Example("after('a/b/c', '/')", "b/c"),),
    ),
    Function(
        "split",
        "text",
        (_TEXT, Param("separator", "str")),
        "list_str",
        _split,
        "The parts between separators.",
        (Example("split('a,b', ',')", ["a", "b"]),),
        total=False,
    ),
    Function(
        "length", "text", (_TEXT,), "int", len, "Number of characters.", (Example("length('abc')", 3),), bound="fixed"
    ),
    Function(
        "starts_with",
        "text",
        (_TEXT, Param("start", "str")),
        "bool",
        lambda text, start: text.startswith(start),
        "Whether the text begins with another, in the same case.",
        (Example("starts_with('abc', 'ab')", True),),
        bound="fixed",
    ),
    Function(
        "ends_with",
        "text",
        (_TEXT, Param("end", "str")),
        "bool",
        lambda text, end: text.endswith(end),
        "Whether the text ends with another, in the same case.",
        (Example("ends_with('abc', 'bc')", True),),
        bound="fixed",
    ),
    Function(
        "contains",
        "text",
        (_TEXT, Param("part", "str")),
        "bool",
        lambda text, part: part in text,
        "Whether another text occurs in it, in the same case.",
        (Example("contains('abc', 'b')", True),),
        bound="fixed",
    ),
    Function(
        "is_blank",
        "text",
        (_TEXT,),
        "bool",
        _is_blank,
        "Whether the text is null, empty or white space only. Never null.",
        (Example("is_blank('  ')", True), Example("is_blank('a')", False)),
        lifts=False,
        bound="fixed",
    ),
    Function(
        "none_if_blank",
        "text",
        (_TEXT,),
        "str",
        _none_if_blank,
        "Null where the text is empty or white space only.",
        (Example("none_if_blank('a')", "a"), Example("none_if_blank(' ')", None)),
        nullable_result=True,
    ),
    Function(
        "initials",
        "text",
        (_TEXT,),
        "str",
        _initials,
        "The first letters of up to four words. Those of a name field no longer name a person.",
        (Example("initials('Kari Nordmann')", "KN"),),
        declassifies=Cleared(
            frozenset({"direct_identifier"}), fields=frozenset({"full_name", "first_name", "last_name"})
        ),
        bound="text",
        max_length=12,
    ),
)
