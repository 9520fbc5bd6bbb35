"""Syntax errors in words: what stands there, what was expected, what to write instead."""

from __future__ import annotations

import re

from queast_dsl.diagnostics.nearest import is_one_slip

_OPERATORS = ("and", "or", "in", "not")
_VALUE = {"NAME", "STRING", "NUMBER", "LPAR"}
_NAME_AT_END = re.compile(r"(?<![A-Za-z0-9_.])[A-Za-z_][A-Za-z0-9_]*\Z")
_SIGNS = {
    "&&": "`and`",
    "||": "`or`",
    "!": "`not`",
    "=": "`==`",
    "~": "starts_with, ends_with or contains",
    "^": "`*`",
}


# Shapes of other languages, each by what stands before the word or sign found.
_METHOD = re.compile(r"(?P<of>[A-Za-z_][A-Za-z0-9_.]*)\.(?P<name>[A-Za-z_][A-Za-z0-9_]*)\Z")
_BY_NAME = re.compile(r"(?P<of>[A-Za-z_][A-Za-z0-9_.]*)\[\Z")
_PIPED = re.compile(r"\|\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)\Z")
_WORD = re.compile(r"['\"](?P<word>[A-Za-z_][A-Za-z0-9_]*)['\"]\Z")
_NAMED = re.compile(r"\s*=(?!=)")
_OF = re.compile(r"[A-Za-z_][A-Za-z0-9_.\[\]]*\Z")
_IS = re.compile(r"is\s+(?P<no>not\s+)?(?:null|none|nil|missing|undefined|defined|empty)\b", re.IGNORECASE)
_CHOICE = frozenset({"if", "then", "else", "elif", "elseif"})


def of_another_language(found: str, text: str, start: int) -> tuple[str, str] | None:
    """Return (message, help) for what other languages write, such as `a if c else b`, None for all else.

    `company.name.lower()`  ->  "`lower` does not stand behind a dot", "write `lower(company.name)`"
    """
    before = text[:start].rstrip()
    last = _NAME_AT_END.search(before)
    if found.casefold() == "is":
        return f"`{found}` is no operator", _of_is(before, text[start:])
    if _is_name(found) and _NAMED.match(text, start + len(found)) and before[-1:] not in ("(", ",", "["):
        return f"a comma is missing before `{found}`", f"write `, {found} = …`"
    if found in _CHOICE or (last is not None and last.group() in _CHOICE):
        word = found if found in _CHOICE or last is None else last.group()
        return f"`{word}` does not stand between values", "for a choice write `if(condition, value, otherwise)`"
    if found == "|" and before.endswith("|"):
        return "`||` is no operator", "write `or` between conditions, `??` for a fallback"
    if found == "??" and "|" in before:
        plain = not set("([") & set(before)
        instead = f"({before}) {_shorten(text[start:])}" if plain and len(before) <= 60 else "(… | f) ?? …"
        return "`??` cannot stand behind a pipe", f"put the pipe in brackets: `{instead}`"
    if found == "(" and (method := _METHOD.search(before)) is not None:
        of, name = method["of"], method["name"]
        return f"`{name}` does not stand behind a dot", f"a function takes the value: write `{name}({of})`"
    if (named := _BY_NAME.search(before)) is not None and (word_ := _WORD.match(found)) is not None:
        return f"`[{found}]` names no field", f"write `{named['of']}.{word_['word']}`"
    begins_value = found[:1].isalnum() or found[:1] in "_'\""
    if begins_value and (piped := _PIPED.search(before)) is not None:
        name = piped["name"]
        return f"`{name}` takes what it needs in brackets", f"write `{name}({_shorten(found)})`"
    return None


def _is_name(found: str) -> bool:
    return _NAME_AT_END.fullmatch(found) is not None


def _of_is(before: str, rest: str) -> str:
    """`signal.score is null`  ->  "write `is_null(signal.score)`"; what is no question for null compares."""
    asked, of = _IS.match(rest), _OF.search(before)
    if asked is None:
        return "to compare write `==` or `!=`"
    is_there = (asked["no"] is not None) != asked.group().casefold().endswith(" defined")
    return f"write `{'is_present' if is_there else 'is_null'}({'value' if of is None else of.group()})`"


def misspelt_operator(found: str, text: str, start: int) -> tuple[str, int, str] | None:
    """Return (word as written, where it starts, operator meant) of the word found, or of the one before."""
    before = text[:start].rstrip()
    last = _NAME_AT_END.search(before)
    words = ([(last.group(), last.start())] if last else []) + [(found, start)]
    return next(
        ((word, at, operator) for word, at in words for operator in _OPERATORS if is_one_slip(word, operator)), None
    )


def explain_token(found: str, expected: set[str], text: str, start: int) -> tuple[str, str | None]:
    """Return (message, help) for a word or sign in the wrong place."""
    before = text[:start].rstrip()
    if found == "=":
        return "`=` does not compare", "to compare write `==`; `name = value` stands only inside a call"
    if found == "?":
        return "`?` is no operator", "for a choice write if(condition, a, b)"
    if _opens_value(expected):
        after = f" after `{_last_word(before)}`" if before else ""
        return f"a value was expected{after}, not `{found}`", _value_help(found)
    if found in (")", "]"):
        return f"`{found}` closes nothing", "remove it or add the opening bracket"
    if found == "," and "COMMA" not in expected:
        return "`,` stands outside of a call or list", "one expression gives one value; a list is written [a, b]"
    if found.startswith(("==", "!=", "<", ">")) or found in ("in",):
        return f"`{found}` cannot follow another comparison", "join two comparisons with `and`"
    if found[:1].isalnum() or found[:1] in "_'\"":
        if _takes_commas(before):
            help_ = "a comma stands between arguments and between the items of a list"
            return f"a comma or an operator was expected before `{_shorten(found)}`", help_
        return (
            f"an operator was expected before `{_shorten(found)}`",
            "to send text write {const: …} or {template: …}; to join values write a template",
        )
    return f"`{found}` cannot stand here", _expected_help(expected)


def _takes_commas(before: str) -> bool:
    """Whether a text ends inside of a call's brackets or of a list."""
    opened: list[bool] = []
    last = quote = ""
    for character in before:
        if quote:
            quote = "" if character == quote and last != "\\" else quote
        elif character in "'\"":
            quote = character
        elif character in "([":
            opened.append(character == "[" or last.isalnum() or last == "_")
        elif character in ")]" and opened:
            opened.pop()
        last = character
    return bool(opened) and opened[-1]


def explain_character(text: str, start: int) -> tuple[str, str | None, int]:
    """Return (message, help, length) for a character that begins no word of the language."""
    rest = text[start:]
    character = rest[0] if rest else ""
    if character in "'\"":
        if "\\" in rest.split("\n")[0] and character in rest[1:]:
            return "the text holds an escape that is not known", "known are \\\\ \\' \\\" \\n \\t", len(rest)
        return f"the text opened by {character} is never closed", f"add {character} at its end", len(rest)
    for sign, instead in _SIGNS.items():
        if rest.startswith(sign):
            return f"`{sign}` is no operator", f"write {instead}", len(sign)
    if rest.startswith(("{{", "{%")):
        return "template marks stand in an expression", "write {template: …}, or the expression without {{ }}", 2
    if character.isdigit():
        return (
            f"`{_number_like(rest)}` is no number",
            "numbers have no leading zero and no unit; a date is date('2026-01-31'), text stands in quotes",
            len(_number_like(rest)),
        )
    if character == "@":
        return "`@` cannot stand in an expression", "to send text such as an e-mail address write {const: …}", 1
    if character == "?":
        return "`?` is no operator", "for a choice write if(condition, a, b), for a fallback `??`", 1
    if character in "“”‘’«»":
        return f"`{character}` is no quote of the language", "write ' or \"", 1
    return f"`{character}` cannot stand in an expression", "text stands in quotes; to send text write {const: …}", 1


def explain_end(text: str, expected: set[str]) -> tuple[str, str | None]:
    """Return (message, help) for an expression that stops too early."""
    if _opens_value(expected):
        last = _last_word(text.rstrip())
        return f"the expression ends after `{last}` where a value was expected", f"add a value or remove `{last}`"
    opened = text.count("(") - text.count(")")
    if opened > 0:
        return "a bracket is never closed", f"add {')' * min(opened, 3)}"
    return "the expression ends too early", _expected_help(expected)


def _opens_value(expected: set[str]) -> bool:
    return expected >= _VALUE


def _value_help(found: str) -> str | None:
    if found == "|":
        return "a pipe needs a value on its left"
    if found in (")", "]", ","):
        return "add the missing value"
    return None


def _expected_help(expected: set[str]) -> str | None:
    if "RPAR" in expected:
        return "a `,` or `)` was expected"
    if "RSQB" in expected:
        return "a `]` was expected"
    if expected == {"NAME"}:
        return "a name was expected"
    return None


def _last_word(text: str) -> str:
    words = text.split()
    return _shorten(words[-1]) if words else text


def _shorten(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:23]}…"


def _number_like(text: str) -> str:
    end = 0
    while end < len(text) and (text[end].isalnum() or text[end] in "._-:"):
        end += 1
    return text[: max(end, 1)]
