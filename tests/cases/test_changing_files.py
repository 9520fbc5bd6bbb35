"""`--update` rewrites expectations and nothing else; `test record` writes a test that passes and names nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.folder import MAPPINGS, TenantFolder
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.document.cases import as_json
from queast_dsl.entities import entity
from queast_dsl.loading.build_cases import _value  # pyright: ignore[reportPrivateUsage]
from queast_dsl.loading.nodes import MapNode
from queast_dsl.loading.tree import read_tree
from queast_dsl.source import SourceFile
from queast_runtime.cli.cases.yaml_text import block
from queast_runtime.preview.as_test import Placeholders
from queast_runtime.preview.cases.redacting import redacted

Tenant = Callable[[str], TenantFolder]
WRONG = """\
  # what stays
  - name: a   # so does this
    given: {event: company.updated, company: {name: N AS, domain: n.no, country: "NO"}, crm: [{id: h1, domain: n.no}]}
    expect:
      match: {record: h2, by: name}   # this goes
      writes:
        - {id: h2, fields: {name: "wrong", country: FR}}
      routes:
        companies: create

  - name: b
    given: {event: company.updated, company: {country: FR}}
    expect: {exact: true, refused: no_route}
  - name: c
    given: {event: company.updated, company: {country: FR}}
    expect: {refused:   out_of_scope}   # not touched: it passes
"""


def test_update_writes_what_came_and_leaves_the_rest_alone(tenant: Tenant) -> None:
    acme = tenant("acme")
    path = acme.tests(WRONG)
    done = acme.run("--update")
    assert done.code == 0
    assert "updated mappings/acme/tests/a.yaml:4  a\n" in done.complaint
    assert "2 tests updated; look at the change before you keep it" in done.complaint
    new = WRONG.replace(
        """\
      match: {record: h2, by: name}   # this goes
      writes:
        - {id: h2, fields: {name: "wrong", country: FR}}
      routes:
        companies: create
""",
        """\
      match: {record: h1, by: domain}
      writes:
        - {id: h1, fields: {name: N AS, country: "NO"}}
      routes: {companies: update}
""",
    ).replace("{exact: true, refused: no_route}", "{exact: true, refused: out_of_scope}")
    assert path.read_text() == f"mapping: acme-hubspot\ntests:\n{new}"
    assert acme.run().out == "3 passed\n"
    assert acme.run("--update").complaint == ""


scalars = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=40)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1, max_size=8), values, min_size=1, max_size=4))
def test_whatever_is_written_reads_back(made: dict[str, object]) -> None:
    from hypothesis import assume

    text = f"x:\n  {block(made, 2)}\n"
    diagnostics = Diagnostics()
    tree = read_tree(SourceFile("x.yaml", text), diagnostics)
    # Some keys no document may have, such as `<<`.
    assume(not diagnostics.findings or all(each.code not in ("QM010", "QM011") for each in diagnostics.findings))
    if tree is None:
        return
    assert isinstance(tree, MapNode)
    assert as_json(_value(tree)) == {"x": made}


def event_file(tmp_path: Path, tenant: str, kind: str) -> Path:
    lines = (MAPPINGS / tenant / "events" / "stream.jsonl").read_text().splitlines()
    path = tmp_path / "event.json"
    path.write_text(next(line for line in lines if f'"queast.{kind}"' in line))
    return path


@pytest.mark.parametrize(
    ("name", "kind", "more"),
    [
        ("acme", "company.created", ()),
        ("nordlys", "signal.created", ("--redact",)),
        ("fjordbank", "signal.created", ("--mapping", "warehouse")),
        ("fjordbank", "job_ad.created", ("--redact",)),
    ],
)
def test_a_recorded_event_is_a_test_that_passes(
    name: str, kind: str, more: tuple[str, ...], tenant: Tenant, tmp_path: Path
) -> None:
    here = tenant(name)
    (here.folder / "tests").mkdir()
    event = event_file(tmp_path, name, kind)
    done = here.run("record", "--event", str(event), "-o", f"mappings/{name}/tests/new.yaml", *more)
    assert (done.code, done.out) == (0, ""), done.complaint
    assert here.run().out == "1 passed\n"


def test_a_record_names_no_person_and_with_redact_no_company(tenant: Tenant, tmp_path: Path) -> None:
    bank = tenant("fjordbank")
    (bank.folder / "tests").mkdir()
    path = tmp_path / "event.json"
    person = {"id": "p1", "sequence": 1, "full_name": "Kari Nordmann", "email": "kari@havbruk.no", "company_id": "c1"}
    company = {"id": "c1", "sequence": 1, "name": "Havbruk ASA", "domain": "havbruk.no", "country": "NO"}
    data = {"person": {**person, "phone": "+47 22 33 44 55", "notes": "knows Ola"}, "company": company}
    envelope = {"specversion": "1.0", "id": "e1", "source": "queast", "type": "queast.person.created"}
    path.write_text(json.dumps({**envelope, "time": "2026-03-01T09:00:00Z", "data": data}))
    out = ("record", "--event", str(path), "--mapping", "warehouse", "-o")
    assert bank.run(*out, "mappings/fjordbank/tests/plain.yaml").code == 0
    plain = (bank.folder / "tests" / "plain.yaml").read_text()
    assert "Havbruk ASA" in plain
    assert bank.run(*out, "mappings/fjordbank/tests/hidden.yaml", "--redact").code == 0
    hidden = (bank.folder / "tests" / "hidden.yaml").read_text()
    assert "avbruk" not in hidden
    for text in (plain, hidden):
        assert not any(each in text for each in ("Kari", "Nordmann", "kari@", "22 33", "Ola"))
    assert bank.run().out == "2 passed\n"


@pytest.mark.parametrize(
    ("event", "out", "says"),
    [
        ("no-such-file", "mappings/acme/tests/new.yaml", "no-such-file cannot be read: no such file"),
        ("empty", "mappings/acme/tests/new.yaml", "empty is not an event"),
        ("event.json", "mappings/acme/new.yaml", "mappings/acme/new.yaml is no file of a tenant's tests"),
        ("event.json", "mappings/acme/tests/there.yaml", "mappings/acme/tests/there.yaml is there already"),
    ],
)
def test_what_cannot_be_recorded_is_said_and_nothing_is_written(
    event: str, out: str, says: str, tenant: Tenant, tmp_path: Path
) -> None:
    acme = tenant("acme")
    acme.tests("  - {name: a, given: {event: company.created}, expect: {exact: true}}\n", "there.yaml")
    (tmp_path / "empty").write_text("")
    event_file(tmp_path, "acme", "company.created")
    before = sorted(acme.folder.rglob("*"))
    done = acme.run("record", "--event", event, "-o", out)
    assert done.code == 2
    assert says in done.complaint
    assert sorted(acme.folder.rglob("*")) == before


def test_two_mappings_that_take_an_event_must_be_told_apart(tenant: Tenant, tmp_path: Path) -> None:
    bank = tenant("fjordbank")
    (bank.folder / "tests").mkdir()
    event = str(event_file(tmp_path, "fjordbank", "signal.created"))
    done = bank.run("record", "--event", event, "-o", "mappings/fjordbank/tests/new.yaml", "--mapping", "warehose")
    assert done.code == 2
    assert "no mapping is called warehose | did you mean `warehouse`?" in done.complaint


def test_what_the_schema_does_not_know_is_replaced_in_a_record() -> None:
    """It may say anything of anybody: in its words, its figures, and whatever is inside it."""
    body = {
        "id": "c1",
        "name": "Havbruk ASA",
        "owner": "Kari",
        "phones": [{"of": "Kari", "number": 22334455, "own": True}],
    }
    shown = redacted(entity("company"), body, Placeholders(), companies=False)
    assert (shown["id"], shown["name"]) == ("c1", "Havbruk ASA")
    assert shown["owner"] == shown["phones"][0]["of"] != "Kari"
    assert (shown["phones"][0]["number"], shown["phones"][0]["own"]) == (0, True)
