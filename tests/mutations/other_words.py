"""Mistakes that are no slips of the fingers: a word of another language, a sign too few, two things mixed up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """`new` in the place of `old` in the mapping `base` is `code` at the text `at`; `help` holds what was meant.

    `written` is what the fix puts in, empty where none is offered.
    """

    base: str
    old: str
    new: str
    code: str
    at: str
    help: str = ""
    written: str = ""


_KIND = "kind: {const: person}\n      id"

FORMS = tuple(
    Mistake("people", _KIND, f"kind: {{{new}}}\n      id", "QM100", at, f"did you mean `{meant}`?", meant)
    for new, at, meant in (
        ("cosnt: company", "cosnt", "const"),
        ("cost: company", "cost", "const"),
        ("Const: company", "Const", "const"),
        ("CONST: company.name", "CONST", "const"),
        ("const_: person", "const_", "const"),
        ("tempalte: company.name", "tempalte", "template"),
        ("templates: company.name", "templates", "template"),
        ('tempalte: "{{ company.name }}"', "tempalte", "template"),
        ("rendr: x", "rendr", "render"),
        ("Render: x", "Render", "render"),
    )
)

_EACH = "          each: company.technologies\n"

LOOPS = (
    *(
        Mistake("people", "each: company", f"{word}: company", "QM100", word, "did you mean `each`?", "each")
        for word in ("foreach", "for", "for_each", "in", "items", "list")
    ),
    Mistake("people", _EACH, "", "QM101", "as", "write `each:`"),
)

MISTAKES = (*FORMS, *LOOPS)
