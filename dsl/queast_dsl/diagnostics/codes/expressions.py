"""Codes QM200-QM269: expressions and types."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code, Severity

CODES: tuple[Code, ...] = (
    Code(
        code="QM201",
        title="an expression that cannot be read",
        severity=Severity.ERROR,
        explanation=(
            "The text of an expression does not follow the language. The caret stands under the first word "
            "or sign that does not fit."
        ),
        bad="name: company.name ??",
        good="name: company.name",
    ),
    Code(
        code="QM202",
        title="an expression that is too large",
        severity=Severity.ERROR,
        explanation=(
            "Expressions have at most 2,048 bytes, 256 parts and 32 levels, so that each one is quick to "
            "read, to check and to run. Long case lists belong in a table, long texts in a template."
        ),
        bad="city: concat('1', …, '260')",
        good="city: concat(company.name, ' ', company.city)",
    ),
    Code(
        code="QM203",
        title="text where an expression is read",
        severity=Severity.ERROR,
        explanation="A bare value is always an expression. A text that is to be sent as it stands is a constant.",
        bad="industry: Banking",
        good="industry: {const: BANKING}",
    ),
    Code(
        code="QM210",
        title="a name that is not known",
        severity=Severity.ERROR,
        explanation=(
            "An expression starts from what the route is about: company, person, signal or job_ad, or a name "
            "bound by a loop."
        ),
        bad="name: compny.name",
        good="name: company.name",
    ),
    Code(
        code="QM211",
        title="a field that the entity does not have",
        severity=Severity.ERROR,
        explanation=(
            "Fields come from Queast's own schemas. A misspelt one would send blanks for ever, so it is refused."
        ),
        bad="numberofemployees: company.employe_count",
        good="numberofemployees: company.employee_count",
    ),
    Code(
        code="QM212",
        title="a function that does not exist",
        severity=Severity.ERROR,
        explanation="The language has a closed list of functions.",
        bad="name: company.name | lowercase",
        good="name: company.name | lower",
    ),
    Code(
        code="QM213",
        title="a table that does not exist",
        severity=Severity.ERROR,
        explanation="`lookup` names a table of the mapping's `tables:` block.",
        bad=(
            "industry: company.industry | lookup(industry, else = null)\n"
            "tables:\n"
            "  industries: {software: COMPUTER_SOFTWARE, banking: BANKING}"
        ),
        good=(
            "industry: company.industry | lookup(industries, else = null)\n"
            "tables:\n"
            "  industries: {software: COMPUTER_SOFTWARE, banking: BANKING}"
        ),
    ),
    Code(
        code="QM214",
        title="a field of something that has none",
        severity=Severity.ERROR,
        explanation="Only objects have fields. A list is read item by item with `[]`, or at a place with `[0]`.",
        bad="city: company.technologies.name",
        good="city: company.technologies | join(', ')",
    ),
    Code(
        code="QM215",
        title="an item of something that is no list",
        severity=Severity.ERROR,
        explanation="`[n]`, `[]` and `for` work on lists.",
        bad="city: company.name[0]",
        good="city: company.technologies[0]",
    ),
    Code(
        code="QM220",
        title="an argument of the wrong type",
        severity=Severity.ERROR,
        explanation="Nothing is converted unasked: a number is no text until `text(…)` makes it one.",
        bad="city: company.employee_count | lower",
        good="city: text(company.employee_count)",
    ),
    Code(
        code="QM221",
        title="too many or too few arguments",
        severity=Severity.ERROR,
        explanation="Each function has a fixed list of arguments; what a pipe passes counts as the first.",
        bad="city: company.name | truncate",
        good="city: company.name | truncate(40)",
    ),
    Code(
        code="QM222",
        title="an argument name that does not exist",
        severity=Severity.ERROR,
        explanation="Arguments with a name use the names of the function's signature.",
        bad="city: company.name | truncate(len = 40)",
        good="city: company.name | truncate(length = 40)",
    ),
    Code(
        code="QM223",
        title="an operand of the wrong type",
        severity=Severity.ERROR,
        explanation="Arithmetic takes numbers, an order takes numbers or dates, `in` takes a list.",
        bad="city: company.name + company.city",
        good="city: concat(company.name, ' ', company.city)",
    ),
    Code(
        code="QM224",
        title="a comparison that can never hold",
        severity=Severity.ERROR,
        explanation="The two sides have no value in common, so the answer would always be the same.",
        bad="when: company.industry == 'Software'",
        good="when: company.industry == 'software'",
    ),
    Code(
        code="QM225",
        title="a comparison with null",
        severity=Severity.ERROR,
        explanation=(
            "A comparison with null gives null, never true. To ask whether a value is there use is_null or "
            "is_present, or the value itself as a condition."
        ),
        bad="when: company.domain != null",
        good="when: is_present(company.domain)",
    ),
    Code(
        code="QM226",
        title="values of different types in one place",
        severity=Severity.ERROR,
        explanation="All branches of if, case, lookup and `??`, and all items of a list, have one type.",
        bad="city: if(company.bookmarked, 1, 'no')",
        good="city: if(company.bookmarked, 'yes', 'no')",
    ),
    Code(
        code="QM227",
        title="a question whose answer is known",
        severity=Severity.ERROR,
        explanation="The value is always there, so asking whether it is there decides nothing.",
        bad="when: company.name",
        good="when: company.domain",
    ),
    Code(
        code="QM228",
        title="a fallback that is never used",
        severity=Severity.ERROR,
        explanation=(
            "The value on the left of `??` is never null; or an `else` stands behind arms or rows for every value that "
            "there is. For a null, `case` takes its `else`, so that of an optional field has one to do; `lookup` gives "
            "null for a null key whatever its `else` says, and `?? …` behind it gives something else."
        ),
        bad="name: company.name ?? company.legal_name",
        good="name: company.legal_name ?? company.name",
    ),
    Code(
        code="QM229",
        title="a lookup that does not cover every value",
        severity=Severity.ERROR,
        explanation=(
            "Every value of an enum needs a row, or the lookup says what the others give. A new value would "
            "otherwise become a blank unnoticed."
        ),
        bad=(
            "industry: company.industry | lookup(industries)\n"
            "tables:\n"
            "  industries: {software: COMPUTER_SOFTWARE, banking: BANKING}"
        ),
        good=(
            "industry: company.industry | lookup(industries, else = null)\n"
            "tables:\n"
            "  industries: {software: COMPUTER_SOFTWARE, banking: BANKING}"
        ),
    ),
    Code(
        code="QM230",
        title="a case that stands twice",
        severity=Severity.ERROR,
        explanation="Only the first of two equal keys could ever be used.",
        bad="city: case(company.country, 'NO' = 'Oslo', 'NO' = 'Bergen')",
        good="city: case(company.country, 'NO' = 'Oslo', 'SE' = 'Stockholm')",
    ),
    Code(
        code="QM231",
        title="a table row that no value reaches",
        severity=Severity.WARNING,
        explanation="The key of the row is no value of what is looked up; most likely it is misspelt.",
        bad=(
            "industry: company.industry | lookup(industries, else = null)\n"
            "tables:\n"
            "  industries: {sofware: COMPUTER_SOFTWARE, banking: BANKING}"
        ),
        good=(
            "industry: company.industry | lookup(industries, else = null)\n"
            "tables:\n"
            "  industries: {software: COMPUTER_SOFTWARE, banking: BANKING}"
        ),
    ),
    Code(
        code="QM232",
        title="an argument that must be written out",
        severity=Severity.ERROR,
        explanation="Patterns are checked when the mapping is compiled, so they are literals.",
        bad="city: company.founded_on | format_date('dd.mm.yyyy')",
        good="city: company.founded_on | format_date('DD.MM.YYYY')",
    ),
    Code(
        code="QM233",
        title="a call or calculation that always fails",
        severity=Severity.ERROR,
        explanation=(
            "What is written out in it fails for every event: a division by zero, an empty text to replace, a "
            "length past the bounds. Such a field would never be sent."
        ),
        bad="headcount: floor(company.employee_count / 0)",
        good="headcount: floor(company.employee_count / 12)",
    ),
    Code(
        code="QM234",
        title="something whose changes are not kept",
        severity=Severity.ERROR,
        explanation=(
            "`changed` compares a field of the event with what the same route last delivered. That is kept for single "
            "values and lists of them, named by their path in a route's `when`, fields, body and templates; not for "
            "whole objects, computed values or items, and not for conditions outside a route."
        ),
        bad="when: changed(lower(company.domain))",
        good="when: changed(company.domain)",
    ),
    Code(
        code="QM235",
        title="a mapping that takes too much work to check",
        severity=Severity.ERROR,
        explanation=(
            "A few characters can ask for much: each `??` between two lookups joins all rows of two tables, a function "
            "of a lookup is tried on every row, what is written out is worked out, and `[\\pL]{10}` is a pattern of "
            "12,000 instructions. All of that is counted over the whole mapping, in steps that are the same wherever "
            "it is checked; ordinary mappings take a hundredth of what is allowed. The finding stands where they pass "
            "it and says what they were for."
        ),
        bad=(
            "connection: warehouse\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created]\n"
            "    to: event\n"
            "    body:\n"
            "      line1: pad_left('', 60000, '-') | lower | upper | lower | upper\n"
            "      …\n"
            "      line99: pad_left('', 60000, '-') | lower | upper | lower | upper"
        ),
        good=(
            "connection: warehouse\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created]\n"
            "    to: event\n"
            "    body:\n"
            "      line: pad_left(company.name, 60, '-')"
        ),
    ),
    Code(
        code="QM240",
        title="personal data without a grant",
        severity=Severity.ERROR,
        explanation=(
            "A field of a person, also what is written about one, leaves only where the mapping's `pii:` block names "
            "it with a purpose and a lawful basis; a personal field of anything else cannot be granted in this "
            "version. Functions that take the person out of a field need no grant, where their argument is the field "
            "itself: email_domain of an e-mail, initials of a name, bucket of a number in tens or more."
        ),
        bad=(
            "connection: warehouse\n"
            "routes:\n"
            "  people:\n"
            "    entity: person\n"
            "    events: [created]\n"
            "    to: event\n"
            "    body:\n"
            "      email: person.email   # and no `pii:` block"
        ),
        good=(
            "connection: warehouse\n"
            "routes:\n"
            "  people:\n"
            "    entity: person\n"
            "    events: [created]\n"
            "    to: event\n"
            "    body:\n"
            "      email: person.email\n"
            "pii: {send: [person.email], purpose: sales_outreach, basis: legitimate_interest}"
        ),
    ),
)
