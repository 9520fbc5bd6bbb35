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


READING = """\
version: 1
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
{write}    fields:
      name: company.name
      city: company.city
      industry: company.industry | lookup(ind, else = null)
      size: {{from: "company.city | lookup(sizes, else = null)", on_null: clear}}
  notes:
    entity: signal
    events: [created]
    to: notes
    attach_to: [company]
    fields:
      body: {{render: note}}
      title: {{template: "{{{{ lookup(signal.title, titles, else = 'x') }}}}"}}
templates:
  note: "{{% if signal.summary %}}{{{{ lookup(signal.summary, words, else = 'x') }}}}{{% endif %}}"
  other: "{{{{ signal.title }}}}"
tables:
  ind: {{software: SOFTWARE}}
  sizes: {{a: A}}
  titles: {{a: A}}
  words: {{a: A}}
  free: {{a: A}}
locked: [{locked}]
"""
FIELDS = "routes.companies.fields"


def _reading(base: Path, locked: str, write: str = "") -> None:
    line = f"    write: {write}\n" if write else ""
    (base / "crm.v1.yaml").write_text(READING.format(locked=locked, write=line), encoding="utf-8")


@pytest.mark.parametrize(
    ("locked", "write", "more"),
    [
        (FIELDS, "", "routes: {companies: {write: always}}\n"),
        (FIELDS, "if_empty", "unset: [routes.companies.write]\n"),
        (f"{FIELDS}.city", "", "routes: {companies: {write: always}}\n"),
        (f"{FIELDS}.city", "if_empty", "routes: {companies: {write: always}}\n"),
        (f"{FIELDS}.city", "if_empty", "unset: [routes.companies.write]\n"),
        (f"{FIELDS}.city.write", "if_empty", "unset: [routes.companies.write]\n"),
        (f"{FIELDS}.city.write", "", "routes: {companies: {write: if_empty}}\n"),
        (f"{FIELDS}.city, {FIELDS}.name", "", "routes: {companies: {write: if_empty}}\n"),
    ],
)
def test_a_locked_field_is_written_as_the_base_says_whatever_the_route_says(
    base: Path, locked: str, write: str, more: str
) -> None:
    """D2.4: what a locked field takes from its route or from the default is locked with it."""
    _reading(base, locked, write)
    finding = _refused(base, more)
    assert finding.code == "QM401"
    assert finding.message.startswith("`routes.companies.write` cannot be changed: it says when ")
    assert pointed_at(finding) in ("write", "routes.companies.write")
    assert [note.span.file.path for note in finding.notes] == ["base/crm.v1.yaml"] * len(locked.split(", "))


@pytest.mark.parametrize(
    ("locked", "write", "more"),
    [
        (f"{FIELDS}.city", "", "routes: {companies: {write: unless_edited}}\n"),
        (f"{FIELDS}.city", "always", "routes: {companies: {write: always}}\n"),
        (f"{FIELDS}.city", "unless_edited", "unset: [routes.companies.write]\n"),
        (f"{FIELDS}.city.from", "", "routes: {companies: {write: always}}\n"),
        (f"{FIELDS}.city.on_null", "", "routes: {companies: {write: always}}\n"),
    ],
)
def test_a_route_may_say_what_changes_no_locked_field(base: Path, locked: str, write: str, more: str) -> None:
    _reading(base, locked, write)
    _merged(base, more)


@pytest.mark.parametrize(
    ("locked", "more", "text", "words"),
    [
        (
            f"{FIELDS}.industry",
            "tables: {ind: {software: BANKING}}\n",
            "ind",
            "`tables.ind` cannot be changed: the locked `routes.companies.fields.industry` looks it up",
        ),
        (f"{FIELDS}.industry", "tables: {ind: {banking: BANKING}}\n", "ind", "looks it up"),
        (f"{FIELDS}.industry", "tables: {ind: {file: t.csv}}\n", "ind", "looks it up"),
        (f"{FIELDS}.industry.from", "tables: {ind: {a: A}}\n", "ind", "looks it up"),
        (f"{FIELDS}.size", "tables: {sizes: {a: B}}\n", "sizes", "fields.size.from` looks it up"),
        (FIELDS, "tables: {sizes: {a: B}}\n", "sizes", "looks it up"),
        (f"{FIELDS}.industry", "unset: [tables.ind]\n", "tables.ind", "looks it up"),
        (f"{FIELDS}.industry", "unset: [tables]\n", "tables", "looks it up"),
        ("routes.notes.fields.body", "templates: {note: x}\n", "note", "fields.body.render` renders it"),
        ("routes.notes.fields.body", "tables: {words: {a: B}}\n", "words", "the template `note` of the locked"),
        ("routes.notes.fields.title", "tables: {titles: {a: B}}\n", "titles", "fields.title.template` looks it up"),
        ("routes.notes", "templates: {note: x}\n", "note", "renders it"),
        ("templates.note", "tables: {words: {a: B}}\n", "words", "the locked `templates.note` looks it up"),
        (f"{FIELDS}.city", "routes: {companies: {to: contacts}}\n", "to", "it says what the locked"),
        (f"{FIELDS}.city", "routes: {companies: {entity: person}}\n", "entity", "it says what the locked"),
        (f"{FIELDS}.city", "unset: [routes.companies.to]\n", "routes.companies.to", "it says what the locked"),
    ],
)
def test_a_lock_holds_what_the_locked_path_reads(base: Path, locked: str, more: str, text: str, words: str) -> None:
    """D2.4: a field is not locked while its table, its template or its object can be another."""
    _reading(base, locked)
    documents, findings = load(TOP + more, base=base, t_dot_csv="key,value\na,AA\n")
    assert documents.mappings == ()
    (finding,) = findings
    assert (finding.code, pointed_at(finding)) == ("QM401", text)
    assert words in finding.message
    locked_here, used_here = finding.notes
    assert locked_here.span.file.text[locked_here.span.start : locked_here.span.end] == locked
    assert (locked_here.message, used_here.message) == ("locked here", "used here")
    assert used_here.span.file.path == "base/crm.v1.yaml"


@pytest.mark.parametrize(
    ("locked", "more"),
    [
        (f"{FIELDS}.industry", "tables: {free: {a: B}, sizes: {a: B}, more: {a: A}}\n"),
        (f"{FIELDS}.industry", "tables: {ind: {software: SOFTWARE}}\n"),
        (f"{FIELDS}.industry.write", "tables: {ind: {software: BANKING}}\n"),
        ("routes.notes.fields.body", "templates: {other: x}\n"),
        (f"{FIELDS}.city", "routes: {companies: {when: company.bookmarked, events: [created]}}\n"),
        (f"{FIELDS}.city", "routes: {companies: {entity: company, events: [created], to: companies}}\n"),
        (FIELDS, "routes: {companies: {when: company.bookmarked}}\nmode: off\nscope: {companies: bookmarked}\n"),
    ],
)
def test_a_lock_holds_nothing_else(base: Path, locked: str, more: str) -> None:
    _reading(base, locked)
    _merged(base, more)


@pytest.mark.parametrize(
    ("locked", "more", "text"),
    [
        ("routes.companies.when", "routes: {companies: {when: company.bookmarked}}\n", "when"),
        ("routes.companies.write", "routes: {companies: {write: always}}\n", "write"),
        ("scope", "scope: {companies: all}\n", "companies"),
        ("scope.where", "scope: {where: company.bookmarked}\n", "where"),
        ("mode", "mode: off\n", "mode"),
        ("routes.companies.fields.revenue", "routes: {companies: {fields: {revenue: company.id}}}\n", "revenue"),
        ("routes.companies.headers.X-Key", "routes: {companies: {headers: {x-key: company.id}}}\n", "x-key"),
        ("routes.notes.afterwards.deleted", "routes: {notes: {afterwards: {deleted: keep}}}\n", "deleted"),
        ("limits.creates_per_day", "limits: {creates_per_day: 5}\n", "creates_per_day"),
    ],
)
def test_what_the_base_leaves_out_can_be_locked_so_that_nobody_adds_it(
    base: Path, locked: str, more: str, text: str
) -> None:
    _reading(base, locked)
    _merged(base)
    finding = _refused(base, more)
    assert (finding.code, finding.message) == ("QM401", f"`{locked}` is locked by the base and cannot be added")
    assert pointed_at(finding) in (text, "scope")
    assert finding.notes[0].span.file.path == "base/crm.v1.yaml"


@pytest.mark.parametrize(
    "lock",
    [
        "connection",
        "version",
        "locked",
        "was",
        "tables.inds",
        "templates.x",
        "routes.gone.when",
        "routes.gone.fields.city",
        "routes.companies.whn",
        "routes.companies.fields.city.const",
        "routes.companies.fields.city.from.x",
    ],
)
def test_a_lock_that_nothing_can_be_held_by_is_an_error_of_the_base(base: Path, lock: str) -> None:
    _reading(base, lock)
    assert _refused(base, "").code == "QM405"


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
