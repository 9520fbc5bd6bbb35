"""`extends`: a mapping on top of its base."""

from __future__ import annotations

from pathlib import Path

import pytest

from queast_dsl.diagnostics import Finding
from queast_dsl.document.mapping import Const, Expression, Mapping, Render

from .documents import load, place, pointed_at

BASE = """\
version: 1
mode: live
scope: {companies: all, signals: strict}
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    fields:
      name: company.name
      city: {from: company.city, write: on_create, on_null: clear}
      owner: {const: anna, write: on_create}
  notes:
    entity: signal
    events: [created]
    to: notes
    attach_to: [company]
    fields:
      body: {render: note}
templates:
  note: "{{ signal.title }}"
tables:
  t: {a: A, b: B}
locked: [scope.signals, routes.companies.fields.name, tables.t.a]
"""
TOP = "version: 1\nconnection: hubspot-main\nextends: base/crm@1\n"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "crm.v1.yaml").write_text(BASE, encoding="utf-8")
    return tmp_path


def _merged(base: Path, more: str = "") -> Mapping:
    documents, findings = load(TOP + more, base=base)
    assert findings == ()
    (mapping,) = documents.mappings
    return mapping


def _refused(base: Path, more: str) -> Finding:
    documents, findings = load(TOP + more, base=base)
    assert documents.mappings == ()
    assert len(findings) == 1, findings
    return findings[0]


def test_a_mapping_that_adds_nothing_is_its_base(base: Path) -> None:
    mapping = _merged(base)
    assert [route.name.value for route in mapping.routes] == ["companies", "notes"]
    assert [source.path for source in mapping.sources] == ["mappings/acme/main.yaml", "base/crm.v1.yaml"]
    assert mapping.routes[0].name.span.file.path == "base/crm.v1.yaml"
    assert mapping.connection.span.file.path == "mappings/acme/main.yaml"


def test_mappings_merge_and_lists_are_replaced(base: Path) -> None:
    mapping = _merged(
        base,
        "routes:\n  companies:\n    events: [created]\n    fields:\n      phone: company.phone\n"
        "scope: {companies: bookmarked}\ntables:\n  t: {b: BB, c: C}\n",
    )
    route = mapping.routes[0]
    assert [event.value for event in route.events] == ["created"]
    assert [field.name.value for field in route.fields] == ["name", "city", "owner", "phone"]
    assert mapping.scope.companies is not None
    assert mapping.scope.companies.value == "bookmarked"
    assert mapping.scope.signals is not None
    assert [(key.value, value.value) for key, value in mapping.tables[0].rows] == [("a", "A"), ("b", "BB"), ("c", "C")]


def test_a_new_value_replaces_the_old_one_and_keeps_how_it_is_written(base: Path) -> None:
    fields = _merged(base, "routes:\n  companies:\n    fields:\n      city: company.country\n      owner: company.id\n")
    name, city, owner = fields.routes[0].fields
    assert isinstance(city.value, Expression)
    assert city.value.text.text == "company.country"
    assert city.value.text.span.file.path == "mappings/acme/main.yaml"
    assert (city.write, city.on_null) != (None, None)
    assert city.write is not None
    assert city.write.value == "on_create"
    assert isinstance(owner.value, Expression)
    assert isinstance(name.value, Expression)


def test_how_it_is_written_can_be_changed_alone(base: Path) -> None:
    mapping = _merged(base, "routes:\n  companies:\n    fields:\n      owner: {write: always}\n")
    owner = mapping.routes[0].fields[2]
    assert isinstance(owner.value, Const)
    assert owner.write is not None
    assert owner.write.value == "always"


def test_a_form_takes_the_place_of_another(base: Path) -> None:
    mapping = _merged(base, "routes:\n  notes:\n    fields:\n      body: {const: hello}\n")
    assert isinstance(mapping.routes[1].fields[0].value, Const)
    mapping = _merged(base, "templates:\n  note: hello\n")
    assert isinstance(mapping.routes[1].fields[0].value, Render)
    assert mapping.templates[0].text.text == "hello"


def test_unset_removes_what_the_base_gives(base: Path) -> None:
    mapping = _merged(base, "unset: [routes.notes, routes.companies.fields.city]\n")
    assert [route.name.value for route in mapping.routes] == ["companies"]
    assert [field.name.value for field in mapping.routes[0].fields] == ["name", "owner"]


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ("scope: {signals: informational}\n", "signals"),
        ("routes:\n  companies:\n    fields:\n      name: company.id\n", "name"),
        ("routes:\n  companies:\n    fields:\n      name: {write: on_create}\n", "name"),
        ("routes:\n  companies:\n    write: on_create\n", "write"),
        ("unset: [routes.companies.fields.name]\n", "routes.companies.fields.name"),
        ("unset: [tables.t]\n", "tables.t"),
        ("tables:\n  t: {a: AA}\n", "a"),
    ],
)
def test_a_locked_path_is_refused_with_both_places(base: Path, more: str, text: str) -> None:
    """D2.4: an override of a locked path is an error with both locations."""
    finding = _refused(base, more)
    assert finding.code == "QM401"
    assert pointed_at(finding) == text
    (note,) = finding.notes
    assert note.span.file.path == "base/crm.v1.yaml"
    assert note.span.line == 25


WEBHOOK = """\
version: 1
routes:
  news:
    entity: signal
    events: [created]
    to: event
    headers: {X-A: signal.id, X-B: signal.id}
    body:
      id: signal.id
      inner: {title: signal.title}
  companies:
    entity: company
    events: [created]
    to: companies
    write: always
    fields:
      name: company.name
      city: {from: company.city, write: on_create}
tables:
  t: {a: A}
locked:
  - routes.news.body.id
  - routes.news.body.inner.title
  - routes.news.headers.X-A
  - routes.companies.fields.name.from
  - routes.companies.fields.name.write
  - routes.companies.fields.city.write
  - tables.t.a
"""


@pytest.mark.parametrize(
    ("more", "text", "locked"),
    [
        ("routes:\n  news:\n    body: {const: x}\n", "body", [22, 23]),
        ("routes:\n  news:\n    body: {template: x}\n", "body", [22, 23]),
        ("routes:\n  news:\n    body: {each: signal.tags, as: tag, body: tag}\n", "body", [22, 23]),
        ("routes:\n  news:\n    body: {inner: {render: x}}\n", "inner", [23]),
        ("routes:\n  news:\n    body: {inner: signal.id}\n", "inner", [23]),
        ("routes:\n  news:\n    headers: {x-a: signal.title}\n", "x-a", [24]),
        ("routes:\n  companies:\n    fields:\n      name: {const: x}\n", "name", [25]),
        ("routes:\n  companies:\n    fields:\n      name: {write: on_create}\n", "name", [26]),
        ("routes:\n  companies:\n    fields:\n      city: {write: always}\n", "city", [27]),
        ("tables: {t: {file: t.csv}}\n", "t", [28]),
    ],
)
def test_a_locked_path_cannot_be_replaced_from_above_or_under_another_spelling(
    base: Path, more: str, text: str, locked: list[int]
) -> None:
    """D2.4: after merging, the base's own node stands at every locked path."""
    (base / "crm.v1.yaml").write_text(WEBHOOK, encoding="utf-8")
    documents, findings = load(TOP + more, base=base, t_dot_csv="key,value\na,AA\n")
    assert documents.mappings == ()
    assert [(finding.code, pointed_at(finding)) for finding in findings] == [("QM401", text)] * len(locked)
    assert [finding.notes[0].span.line for finding in findings] == locked


def test_locks_let_everything_beside_them_change(base: Path) -> None:
    (base / "crm.v1.yaml").write_text(WEBHOOK, encoding="utf-8")
    mapping = _merged(
        base,
        "routes:\n  news:\n    headers: {x-b: signal.title, X-C: signal.id}\n    body: {inner: {id: signal.id}}\n"
        "  companies:\n    fields:\n      name: {on_null: error}\n      city: company.country\ntables: {t: {b: B}}\n",
    )
    assert [header.name.value for header in mapping.routes[0].headers] == ["X-A", "x-b", "X-C"]
    assert [(key.value, value.value) for key, value in mapping.tables[0].rows] == [("a", "A"), ("b", "B")]


@pytest.mark.parametrize(
    ("lock", "help"),
    [
        ("scope.signal", "did you mean `scope.signals`?"),
        ("routes.companies.fields.nme", "did you mean `routes.companies.fields.name`?"),
        ("routes.gone.fields", "lock what the base gives"),
    ],
)
def test_a_lock_on_what_the_base_does_not_give_is_an_error_of_the_base(base: Path, lock: str, help: str) -> None:
    (base / "crm.v1.yaml").write_text(BASE.replace("tables.t.a]", f"{lock}]"), encoding="utf-8")
    finding = _refused(base, "")
    assert (finding.code, finding.help) == ("QM405", help)
    assert finding.span is not None
    assert (finding.span.file.path, finding.span.line) == ("base/crm.v1.yaml", 25)


def test_what_stands_beside_a_lock_is_free(base: Path) -> None:
    assert _merged(base, "scope: {companies: bookmarked}\n").scope.companies is not None


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        (TOP.replace("crm", "crn"), "QM400", 3, "did you mean `base/crm@1`?"),
        (TOP.replace("@1", "@2"), "QM400", 3, "base/crm@1"),
        (TOP + "locked: [mode]\n", "QM402", 4, "remove it"),
        (TOP + "unset: [routes.note]\n", "QM403", 4, "did you mean `routes.notes`?"),
        (TOP + "unset: [mode]\nmode: off\n", "QM403", 4, "keep one of the two"),
        (TOP.replace("extends: base/crm@1\n", "") + "unset: [mode]\n", "QM403", 3, "add `extends`"),
    ],
)
def test_a_wrong_word_about_the_base_is_located(base: Path, text: str, code: str, line: int, words: str) -> None:
    documents, findings = load(text, base=base)
    assert [place(finding)[:2] for finding in findings] == [(code, line)]
    assert words in (findings[0].help or "")
    assert documents.mappings == ()


def test_a_base_stands_on_no_other(base: Path) -> None:
    (base / "crm.v1.yaml").write_text(BASE + "extends: base/other@1\n", encoding="utf-8")
    assert _refused(base, "").code == "QM404"


def test_a_mistake_in_a_base_is_reported_in_the_base(base: Path) -> None:
    (base / "crm.v1.yaml").write_text(BASE.replace("entity: signal", "entity: signl"), encoding="utf-8")
    finding = _refused(base, "")
    assert finding.span is not None
    assert finding.span.file.path == "base/crm.v1.yaml"
    assert finding.code == "QM103"


def test_what_neither_file_gives_is_missing_where_the_mapping_speaks_of_it(base: Path) -> None:
    finding = _refused(base, "routes:\n  tasks:\n    entity: signal\n    events: [created]\n")
    assert finding.code == "QM101"
    assert pointed_at(finding) == "tasks"


def test_the_bases_that_ship_are_sound() -> None:
    documents, findings = load("version: 1\nconnection: hubspot-main\nextends: base/hubspot@1\n")
    assert findings == ()
    assert len(documents.mappings[0].routes) >= 2
