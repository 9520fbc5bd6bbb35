"""Leaks seeded into sound mappings are refused; the same mappings with what may leave in their place are accepted."""

from __future__ import annotations

import itertools

import pytest

from noninterference.documents import GRANTABLE, compiled, granted_block, head

# How a value slips into another: each gives text, whatever the person's field gives.
DISGUISES = {
    "as it is": "({0} ?? '')",
    "in another case": "upper({0} ?? '')",
    "cut": "truncate({0} ?? '', 3)",
    "joined": "join([company.name, {0} ?? ''], ' ')",
    "hashed": "sha256({0} ?? '')",
    "as a length": "text(length({0} ?? ''))",
    "as a choice": "if(lower({0}) == 'no', 'a', 'b')",
    "as a presence": "if({0}, 'a', 'b')",
    "as a case": "case({0} ?? '', 'NO' = 'a', else = 'b')",
    "as a key": "(lookup({0} ?? '', words, else = null) ?? '')",
    "as a fallback": "(company.domain ?? {0} ?? '')",
    "as a pattern's text": "if(matches({0} ?? '', '^K'), 'a', 'b')",
    "as a member": "if(lower({0}) in ['no', 'se'], 'a', 'b')",
    "through a list": "([{0} ?? ''][0] ?? '')",
    "through two choices": "if(if(lower({0}) == 'no', true, false), 'a', 'b')",
    "as a comparison of lengths": "if(length({0} ?? '') > length(company.name ?? ''), 'a', 'b')",
    "replaced away": "replace({0} ?? '', 'a', 'b')",
    "as a part": "before({0} ?? '', '@')",
    "as a phone": "(phone({0} ?? '', 'NO') ?? '')",
}
# Where the disguise stands.
PLACES = {
    "a field of the body": "    body:\n      id: person.id\n      x: {0}\n",
    "the condition": "    when: lower({0}) == 'a'\n    body: {{id: person.id}}\n",
    "a header": "    headers:\n      X-One: {0}\n    body: {{id: person.id}}\n",
    "a template": "    body:\n      x: {{template: \"about {{{{ {0} }}}}\"}}\n",
    "a template's condition": "    body:\n      x: {{template: \"{{% if lower({0}) == 'a' %}}yes{{% endif %}}\"}}\n",
    "a list": "    body:\n      x:\n        each: take([{0}], 3)\n        as: one\n        body: one\n",
    "deep in the body": "    body:\n      a:\n        b:\n          c: {0}\n",
}  # fmt: skip
TEXTS = (
    "person.full_name",
    "person.email",
    "person.phone",
    "person.mobile_phone",
    "person.notes",
    "person.city",
    "person.linkedin_url",
)
# A public field of the same kind, in the same place.
CLEAN = "person.country"


def mapping(place: str, disguise: str, path: str, granted: frozenset[str] = frozenset()) -> str:
    expression = DISGUISES[disguise].format(path)
    if path == "person.full_name":
        expression = expression.replace("person.full_name ?? ''", "person.full_name")
        expression = expression.replace("if(person.full_name, ", "if(is_blank(person.full_name), ")
    row = PLACES[place].format(f"({expression})" if expression.startswith("[") else expression)
    return (
        f"{head('warehouse', granted)}routes:\n  persons:\n    entity: person\n    events: [created]\n    to: event\n"
        f"{row}tables:\n  words: {{x: a}}\n"
    )


CASES = [
    (place, disguise, TEXTS[at % len(TEXTS)])
    for at, (place, disguise) in enumerate(itertools.product(PLACES, DISGUISES))
]
CASES += [(place, "as it is", path) for place in PLACES for path in TEXTS]
CASES += [
    ("a field of the body", disguise, path) for disguise in DISGUISES for path in ("person.email", "person.notes")
]


def test_there_are_enough_of_them() -> None:
    assert len(set(CASES)) >= 200


@pytest.mark.parametrize("place", PLACES)
def test_a_leak_is_refused_with_its_way_and_its_clean_twins_are_accepted(place: str) -> None:
    """D6.3 once each, by the path that leaks; with a public field instead, or a grant for the path, nothing is said."""
    wrong: list[str] = []
    for at, disguise, path in sorted(set(CASES)):
        if at != place:
            continue
        leak = compiled(mapping(place, disguise, path))
        if leak.plan is not None or [f.code for f in leak.findings if f.severity == "error"] != ["QM240"]:
            wrong.append(f"{disguise} of {path}: {sorted(leak.errors)}")
        elif path not in leak.findings[0].message or "routes.persons" not in leak.findings[0].notes[0].message:
            wrong.append(f"{disguise} of {path}: {leak.findings[0].message}")
        for twin in (
            compiled(mapping(place, disguise, CLEAN)),
            compiled(mapping(place, disguise, path, frozenset({path}))),
        ):
            if twin.plan is None or twin.errors:
                wrong.append(f"twin, {disguise} of {path}: {[(f.code, f.message) for f in twin.findings]}")
    assert wrong == []


@pytest.mark.parametrize("path", GRANTABLE)
def test_each_field_of_a_person_needs_a_grant_of_its_own(path: str) -> None:
    """D6.3 a grant of every other field lets none of it out."""
    others = frozenset(GRANTABLE) - {path}
    text = (
        f"{head('warehouse', others)}routes:\n  persons:\n    entity: person\n    events: [created]\n    to: event\n"
        f"    body:\n      x: {path}\n"
    )
    assert compiled(text).errors == {"QM240"}
    assert not compiled(text.replace(granted_block(others), granted_block(others | {path}))).errors
