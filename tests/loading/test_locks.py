"""What a lock of a base holds beside its own path, and what it can be about."""

from __future__ import annotations

from pathlib import Path

import pytest

from queast_dsl.diagnostics import Finding
from queast_dsl.document.mapping import Mapping

from .documents import load, pointed_at

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
TOP = "version: 1\nconnection: hubspot-main\nextends: base/crm@1\n"
FIELDS = "routes.companies.fields"


def _base(tmp_path: Path, locked: str, write: str = "") -> None:
    line = f"    write: {write}\n" if write else ""
    (tmp_path / "crm.v1.yaml").write_text(READING.format(locked=locked, write=line), encoding="utf-8")


def _merged(tmp_path: Path, more: str = "") -> Mapping:
    documents, findings = load(TOP + more, base=tmp_path)
    assert findings == ()
    (mapping,) = documents.mappings
    return mapping


def _refused(tmp_path: Path, more: str) -> Finding:
    documents, findings = load(TOP + more, base=tmp_path)
    assert documents.mappings == ()
    assert len(findings) == 1, findings
    return findings[0]


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
    tmp_path: Path, locked: str, write: str, more: str
) -> None:
    """D2.4: what a locked field takes from its route or from the default is locked with it."""
    _base(tmp_path, locked, write)
    finding = _refused(tmp_path, more)
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
def test_a_route_may_say_what_changes_no_locked_field(tmp_path: Path, locked: str, write: str, more: str) -> None:
    _base(tmp_path, locked, write)
    _merged(tmp_path, more)


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
def test_a_lock_holds_what_the_locked_path_reads(tmp_path: Path, locked: str, more: str, text: str, words: str) -> None:
    """D2.4: a field is not locked while its table, its template or its object can be another."""
    _base(tmp_path, locked)
    documents, findings = load(TOP + more, base=tmp_path, t_dot_csv="key,value\na,AA\n")
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
def test_a_lock_holds_nothing_else(tmp_path: Path, locked: str, more: str) -> None:
    _base(tmp_path, locked)
    _merged(tmp_path, more)


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
    tmp_path: Path, locked: str, more: str, text: str
) -> None:
    _base(tmp_path, locked)
    _merged(tmp_path)
    finding = _refused(tmp_path, more)
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
def test_a_lock_that_nothing_can_be_held_by_is_an_error_of_the_base(tmp_path: Path, lock: str) -> None:
    _base(tmp_path, lock)
    assert _refused(tmp_path, "").code == "QM405"
