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
    Mistake("people", _KIND, f"kind: {{{new}}}\n      id", "QM118", at, f"did you mean `{meant}`?", meant)
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

_NOTE = "hs_note_body: {render: signal_note}"
_NAME = "\n      name: company.name\n"
_TITLE = "title: signal.title"

CONSTANTS = (
    *(
        Mistake(
            "notes",
            _NOTE,
            f"hs_note_body: {{{form}: {name}}}",
            "QM346",
            "signal_note",
            "{render: signal_note}",
            "render",
        )
        for form, name in (("template", "signal_note"), ("const", "signal_note"), ("const", "'signal_note'"))
    ),
    Mistake("notes", _NAME, "\n      name: {const: company.name}\n", "QM846", "company.name", "`name: company.name`"),
    Mistake(
        "notes", _NAME, "\n      name: {template: company.name}\n", "QM820", "company.name", "`company.name` alone"
    ),
    Mistake(
        "people", "name: company.name", "name: {const: company.name}", "QM846", "company.name", "`name: company.name`"
    ),
    Mistake(
        "people", "X-Country: person.country ?? 'NO'", "X-Country: {const: person.country}", "QM846", "person.country"
    ),
)

_SEND = "send: [person.full_name, person.email]"

GRANTS = (
    *(
        Mistake(
            "people",
            _SEND,
            f"send: [person.full_name, {new}]",
            "QM453",
            new,
            "did you mean `person.email`?",
        )
        for new in ("person.emial", "person.emails", "person.e_mail", "email", "persons.email", "Person.email")
    ),
    *(
        Mistake(
            "people",
            _SEND,
            f"send: [{new}, person.email]",
            "QM453",
            new,
            "did you mean `person.full_name`?",
        )
        for new in ("person.name", "person.fullname", "person.full_nam", "full_name", "fullname")
    ),
    Mistake("people", _SEND, "send: [person]", "QM453", "person", "`person.full_name`"),
    Mistake("people", _SEND, "send: [person.xyz]", "QM453", "person.xyz", "qmap fields person --pii"),
    Mistake(
        "people", "name: person.full_name", "name: person.name", "QM211", "name", "did you mean `person.full_name`?"
    ),
)

_KIND_HEADER = "X-Kind: {const: person}"
_FIELDS = """\
    body:
      kind: {const: person}
      id: person.id
      name: person.full_name
      email: person.email
      level: 3
      company:
        name: company.name
        technologies:
          each: company.technologies
          as: tech
          body:
            name: tech
"""

SHAPES = (
    Mistake(
        "people",
        _KIND_HEADER,
        "X-Kind: {value: person}",
        "QM100",
        "value",
        "`const` is needed here and missing; known here: const",
    ),
    Mistake("people", _KIND_HEADER, "X-Kind: {from: person.id, write: always}", "QM100", "from"),
    Mistake(
        "notes",
        _NAME,
        "\n      name: {city: company.city, region: company.region}\n",
        "QM100",
        "city",
        "known here: from",
    ),
    Mistake("people", _FIELDS, _FIELDS.replace("body:", "fields:", 1), "QM307", "fields", "write `body:`", "body"),
    Mistake(
        "people",
        _SEND,
        _SEND.replace("[", "").replace("]", ""),
        "QM030",
        "person.full_name, person.email",
        "send: [person.full_name, person.email]",
        "[person.full_name, person.email]",
    ),
    Mistake("notes", "  industries:\n", "", "QM102", "software", "`industries:`"),
    Mistake(
        "notes",
        "    software: COMPUTER_SOFTWARE\n",
        "    software: COMPUTER_SOFTWARE\n    Software: BANKING\n",
        "QM231",
        "Software",
    ),
)

_WHEN = "when: signal.score >= 60"
_DAY = "format_date('YYYY-MM-DD')"
_ELSE = "lookup(industries, else = null)"
_OUTPUT = "<b>{{ signal.title }}</b>"

EXPRESSIONS = (
    Mistake(
        "notes",
        _NAME,
        "\n      name: company.name or 'x'\n",
        "QM227",
        "company.name or 'x'",
        "`company.name ?? 'x'`",
        "company.name ?? 'x'",
    ),
    Mistake(
        "notes",
        "city: company.city",
        "city: company.city or 'x'",
        "QM227",
        "company.city or 'x'",
        "`company.city ?? 'x'`",
        "company.city ?? 'x'",
    ),
    Mistake(
        "notes",
        "city: company.city",
        "city: company.city or company.region or company.name",
        "QM227",
        "company.city or company.region or company.name",
        "`company.city ?? company.region ?? company.name`",
    ),
    Mistake("notes", _WHEN, "when: signal.type == 'ipo' or 'merger'", "QM227", "'merger'", "compare it with something"),
    Mistake(
        "people",
        "name: person.full_name",
        "name: person.full-name",
        "QM211",
        "full-name",
        "did you mean `person.full_name`?",
        "full_name",
    ),
    Mistake(
        "people",
        "name: person.full_name",
        "name: upper(person.full-name)",
        "QM211",
        "full-name",
        "did you mean `person.full_name`?",
    ),
    Mistake("people", _DAY, "format_date(YYYY-MM-DD)", "QM210", "YYYY-MM-DD", "'YYYY-MM-DD'", "'YYYY-MM-DD'"),
    Mistake("people", _DAY, "format_date(DD/MM/YYYY)", "QM210", "DD/MM/YYYY", "'DD/MM/YYYY'", "'DD/MM/YYYY'"),
    Mistake(
        "people",
        "level: 3",
        "level: has('x', company.technologies)",
        "QM220",
        "has('x', company.technologies)",
        "`has(company.technologies, 'x')`",
        "has(company.technologies, 'x')",
    ),
    Mistake(
        "people",
        "level: 3",
        "level: \"'x' | has(company.technologies)\"",
        "QM220",
        "'x' | has(company.technologies)",
        "`has(company.technologies, 'x')`",
    ),
    Mistake(
        "people",
        "level: 3",
        "level: truncate(3, company.name)",
        "QM220",
        "truncate(3, company.name)",
        "`truncate(company.name, 3)`",
    ),
    Mistake("notes", _ELSE, "lookup(industries else = null)", "QM201", "else", "write `, else = …`"),
    Mistake("people", "level: 3", "level: concat(company.name ' AS')", "QM201", "' AS'", "a comma stands between"),
    Mistake("notes", _WHEN, "when: signal.score is null", "QM201", "is", "write `is_null(signal.score)`"),
    Mistake("notes", _WHEN, "when: signal.score IS NOT NULL", "QM201", "IS", "write `is_present(signal.score)`"),
    Mistake("notes", _WHEN, "when: signal.type is 'ipo'", "QM201", "is", "write `==`"),
    Mistake("notes", _OUTPUT, "<b>{{ signal.title }</b>", "QM270", "}", "write `}}`"),
    Mistake("notes", _OUTPUT, "<b>{{ signal.title</b>", "QM270", "{{", "add `}}`"),
    Mistake("notes", "{% if signal.summary %}", "{% if signal.summary }", "QM270", "}", "write `%}`"),
    Mistake("notes", "{% if signal.summary %}", "{% if signal.summary", "QM270", "{%", "add `%}`"),
)

ENTITIES = (
    Mistake(
        "people", "entity: person", "entity: company", "QM308", "company", "did you mean `entity: person`?", "person"
    ),
    Mistake(
        "people", "entity: person", "entity: signal", "QM308", "signal", "did you mean `entity: person`?", "person"
    ),
    Mistake(
        "people", "entity: signal", "entity: job_ad", "QM308", "job_ad", "did you mean `entity: signal`?", "signal"
    ),
    Mistake("people", "title: signal.title", "title: person.full_name", "QM210", "person"),
)

_SCOPE = "where: company.country in ['NO', 'SE']"

VALUES = (
    Mistake("people", _DAY, "format_date('YYYY-mm-DD')", "QM847", "'YYYY-mm-DD'", "write `MM`"),
    Mistake("people", _DAY, "format_date('HH:MM')", "QM847", "'HH:MM'", "write `mm`"),
    Mistake("people", _DAY, "format_date(pattern = 'DD.mm.YY')", "QM847", "'DD.mm.YY'", "write `MM`"),
    *(
        Mistake("notes", _SCOPE, f"where: company.{field} == '{text}'", "QM224", f"'{text}'", help)
        for field, text, help in (
            ("domain", "https://acme.no", "did you mean 'acme.no'?"),
            ("domain", "acme.no/about", "such as 'acme.no'"),
            ("domain", "Acme Norge", "such as 'acme.no'"),
            ("phone", "22 33 44 55", "such as '+4722334455'"),
            ("phone", "+47 22 33 44 55", "did you mean '+4722334455'?"),
            ("phone", "0047 22334455", "did you mean '+4722334455'?"),
            ("website_url", "acme.no", "such as 'https://acme.no'"),
        )
    ),
    Mistake("notes", _SCOPE, "where: company.country in [NO, SE]", "QM210", "[NO, SE]", "['NO', 'SE']", "['NO', 'SE']"),
    Mistake("notes", _SCOPE, "where: company.domain in ['acme.no', 'www.acme.no/']", "QM224", "'www.acme.no/'"),
)

MISTAKES = (*VALUES, *FORMS, *LOOPS, *CONSTANTS, *GRANTS, *SHAPES, *EXPRESSIONS, *ENTITIES)
