"""What a change does to events: counted by record, with examples that tell nothing of persons."""

from __future__ import annotations

import json
import shutil
import tracemalloc
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from preview.example_plans import MAPPINGS, NOW
from preview.test_rehearsal import company, event, signal
from queast_compiler.codegen import load_mapping
from queast_runtime.cli.compiling import compile_selection
from queast_runtime.cli.places import Selection
from queast_runtime.preview.comparing import Plans
from queast_runtime.preview.effect_model import Effect, ValueSeen
from queast_runtime.preview.effects import Sample, effect
from queast_runtime.preview.happening import CrmRecord

ACME = "acme/acme-hubspot.yaml"
CONNECTIONS = "acme/connections.yaml"
FIELDS = "      queast_founded_on: company.founded_on\n"
NORDIC = CrmRecord("companies", "h1", {"domain": "nordicdata.no", "name": "Nordic Data", "country": "Norway"})
NAMES = ("Nordlys", "Fjellvik", "Havstrand")
Edit = tuple[str, str, str]


@pytest.fixture
def tried(tmp_path: Path) -> Any:
    """Try the example tenant before and after edits (file, old, new) on events."""

    def of(edits: Sequence[Edit], events: Iterable[bytes], records: Sequence[CrmRecord] = ()) -> Effect:
        before, after = (plans(tmp_path / each, also) for each, also in (("old", ()), ("new", edits)))
        return effect("acme", before, after, Sample(events, "a test", {"hubspot-main": records}), NOW)

    return of


def plans(root: Path, edits: Sequence[Edit]) -> Plans:
    shutil.copytree(MAPPINGS, root, ignore=shutil.ignore_patterns("events", "sandbox.json", "tests"))
    for file, old, new in edits:
        text = (root / file).read_text(encoding="utf-8")
        assert old in text
        (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    made = compile_selection(Selection(root, "acme", None), hints=False)
    assert not made.has_errors, made.findings
    mappings = [load_mapping(plan) for plan in made.compiled.mappings]
    return Plans({plan.connection: plan for plan in made.compiled.connections}, mappings)


def companies(count: int, **about: Any) -> list[bytes]:
    return [
        company(number, name=f"{NAMES[number]} AS", domain=f"a{number}.example", **about) for number in range(count)
    ]


def test_the_same_plans_have_no_effect(tried: Any) -> None:
    found = tried((), [*companies(3), signal(1)])
    assert found.is_none
    assert (found.events, found.unusable) == (4, 0)
    assert [(each.before, each.after) for each in found.calls] == [(found.calls[0].before,) * 2]


def test_a_field_that_is_dropped_is_counted_by_record_not_by_event(tried: Any) -> None:
    events = [
        *companies(3, founded_on="2001-02-03"),
        company(1, 2, name="Fjellvik AS", domain="a1.example", founded_on="2002-02-03"),
        company(9),
    ]
    found = tried([(ACME, FIELDS, "")], events)
    (lost,) = found.properties
    assert (lost.property, lost.records, lost.gone, lost.fresh, lost.personal) == ("queast_founded_on", 0, 3, 0, False)
    assert [(each.records, each.left) for each in found.objects] == [(0, 3)]
    assert lost.examples[0].before.presence == "value"
    assert lost.examples[0].after == ValueSeen("absent")


def test_an_expression_that_changes_shows_both_values(tried: Any) -> None:
    edit = (ACME, FIELDS, FIELDS + "      city: company.city | upper\n")
    found = tried([edit], companies(1, city="Oslo"))
    (city,) = found.properties
    (example,) = city.examples
    assert (example.before, example.after) == (ValueSeen("value", "Oslo"), ValueSeen("value", "OSLO"))
    assert (city.gone, city.fresh) == (0, 0)


def test_a_property_that_is_emptied_is_not_one_that_is_left_alone(tried: Any) -> None:
    """HubSpot empties with an empty text, Pipedrive and a webhook with null."""
    clears = (ACME, FIELDS, FIELDS + "      city: {from: company.city, on_null: clear, write: always}\n")
    found = tried([clears], companies(1))
    (city,) = [each for each in found.properties if each.property == "city"]
    assert (city.records, city.gone, city.cleared) == (1, 0, 1)
    assert city.examples[0].after == ValueSeen("emptied")


def test_a_mapping_that_goes_to_another_connection_is_seen_on_both_sides(tmp_path: Path) -> None:
    old = plans(tmp_path / "old", ())
    text = (tmp_path / "old" / CONNECTIONS).read_text(encoding="utf-8")
    block = text[text.index("  hubspot-main:") :]
    second = block.replace("hubspot-main:", "hubspot-second:", 1)
    edits = [(CONNECTIONS, block, block + second), (ACME, "connection: hubspot-main", "connection: hubspot-second")]
    root = tmp_path / "new"
    shutil.copytree(MAPPINGS, root, ignore=shutil.ignore_patterns("events", "sandbox.json", "tests"))
    shutil.copy(root / "acme/accounts/hubspot-main.json", root / "acme/accounts/hubspot-second.json")
    for file, before, after in edits:
        path = root / file
        path.write_text(path.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
    made = compile_selection(Selection(root, "acme", None), hints=False)
    assert not made.has_errors, [each.message for each in made.findings]
    new = Plans(
        {plan.connection: plan for plan in made.compiled.connections},
        [load_mapping(plan) for plan in made.compiled.mappings],
    )
    found = effect("acme", old, new, Sample(companies(2), "a test", {}), NOW)
    assert found.routes == ()
    calls = {each.connection: (each.before > 0, each.after > 0) for each in found.calls}
    assert calls == {"hubspot-main": (True, False), "hubspot-second": (False, True)}


def test_values_of_free_text_are_never_kept(tried: Any) -> None:
    edit = (
        ACME,
        "    when: signal.score >= 40\n",
        "    when: signal.score >= 40\n    fields:\n      hs_note_body: signal.title\n",
    )
    found = tried([edit], [signal(1)])
    (body,) = found.properties
    assert (body.property, body.personal) == ("hs_note_body", True)
    assert {each.before.presence for each in body.examples} | {each.after.presence for each in body.examples} == {
        "hidden"
    }
    assert "Hires ten" not in json.dumps([repr(found)])


def test_a_route_that_stops_says_why(tried: Any) -> None:
    found = tried([(ACME, "score >= 40", "score >= 90")], [signal(1), signal(2)])
    (route,) = found.routes
    assert (route.route, route.starts, route.stops, route.reasons) == ("signal-notes", 0, 2, (("when false", 2),))
    assert found.properties == ()
    assert {name: (before, after) for name, before, after in found.creates}["hubspot-main notes"] == (2, 0)


def test_a_route_that_starts_says_why_it_did_not(tried: Any) -> None:
    found = tried([(ACME, "score >= 40", "score >= 10")], [json_with(signal(1), score=20)])
    (route,) = found.routes
    assert (route.starts, route.stops, route.reasons) == (1, 0, (("when false", 1),))
    assert {each.property for each in found.properties} >= {"hs_note_body", "hs_timestamp"}


def json_with(raw: bytes, **changes: Any) -> bytes:
    body = json.loads(raw)
    body["data"]["signal"].update(changes)
    return json.dumps(body).encode()


def test_a_mapping_that_is_switched_off_stops_its_routes(tried: Any) -> None:
    found = tried([(ACME, "mode: live", "mode: off")], companies(2))
    (route,) = found.routes
    assert (route.route, route.stops, route.reasons) == ("companies", 2, (("mode off", 2),))


def test_a_match_decision_that_flips_is_shown_with_its_score(tried: Any) -> None:
    looser = (CONNECTIONS, "{review: 0.80}", "{auto_link: 0.85, review: 0.80}")
    names = ("Skandinaviske Kystfiske", "Rederi Havn", "Rederi Nord", "Kystfiske Sor", "Bergen Rederi")
    records = [CrmRecord("companies", f"h{n}", {"name": name, "country": "NO"}) for n, name in enumerate(names)]
    events = [company(1, name="Skandinaviske Kystfiske Rederi AS", country="NO")]
    found = tried([looser], events, records)
    (flip,) = found.matches
    assert (flip.object, flip.before, flip.after, flip.records) == ("companies", "review by name", "linked by name", 1)
    (example,) = flip.examples
    assert (example.partner_id, example.queast_id) == ("h0", "c1")
    assert example.score is not None
    assert 0.85 <= example.score < 0.95


def test_values_that_people_typed_are_told_where_they_would_be_replaced(tried: Any) -> None:
    before = (ACME, FIELDS, FIELDS + "      city: {from: company.city, write: if_empty}\n")
    typed = CrmRecord("companies", "h1", {"domain": "a1.example", "name": "Nordic Data", "city": "Bergen"})
    same = CrmRecord("companies", "h2", {"domain": "a2.example", "name": "Nordic Data", "city": "Oslo"})
    empty = CrmRecord("companies", "h3", {"domain": "a3.example", "name": "Nordic Data"})
    events = [company(number, domain=f"a{number}.example", city="Oslo") for number in (1, 2, 3)]
    # Both sides begin with the guard, and the new one drops it.
    guarded = tried([before], events, [typed, same, empty])
    assert guarded.overwritten == ()
    (found,) = tried_from(before, (ACME, "write: if_empty", "write: always"), events, [typed, same, empty])
    assert (found.property, found.records, found.examples) == ("city", 1, ("h1",))


def tried_from(first: Edit, then: Edit, events: Sequence[bytes], records: Sequence[CrmRecord]) -> Any:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        before, after = plans(Path(folder) / "old", [first]), plans(Path(folder) / "new", [first, then])
        return effect("acme", before, after, Sample(events, "a test", {"hubspot-main": records}), NOW).overwritten


def test_events_that_cannot_be_read_are_counted_apart(tried: Any) -> None:
    found = tried([(ACME, FIELDS, "")], [b"no json", b"[]", *companies(1)])
    assert (found.events, found.unusable) == (1, 2)


def test_records_of_an_object_that_a_connection_lacks_are_left_out(tried: Any) -> None:
    found = tried([(ACME, FIELDS, "")], companies(1), [CrmRecord("contacts-of-another", "x", {"name": "A"})])
    assert found.events == 1


def test_memory_does_not_grow_with_the_number_of_events(tried: Any) -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            tried_from_stream(count)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    def tried_from_stream(count: int) -> None:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            before, after = plans(Path(folder) / "old", ()), plans(Path(folder) / "new", [(ACME, FIELDS, "")])
            events = (company(number, founded_on="2001-02-03", domain=f"a{number}.example") for number in range(count))
            effect("acme", before, after, Sample(events, "a test", {}), NOW)

    peak(20)
    few, many = peak(50), peak(500)
    assert many < few * 1.25


def test_nothing_stays_behind_on_disk(tried: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))

    def broken() -> Iterable[bytes]:
        yield company(1)
        raise OSError("the disk went away")

    tried([(ACME, FIELDS, "")], companies(1))
    shutil.rmtree(tmp_path / "old")
    shutil.rmtree(tmp_path / "new")
    with pytest.raises(OSError, match="went away"):
        tried([(ACME, FIELDS, "")], broken())
    assert list(scratch.iterdir()) == []


def test_what_a_person_says_is_counted_and_not_shown(tmp_path: Path) -> None:
    """A webhook begins to carry an e-mail address."""
    root = tmp_path / "old"
    shutil.copytree(MAPPINGS, root, ignore=shutil.ignore_patterns("events", "sandbox.json", "tests"))
    mapping = root / "fjordbank" / "people.yaml"
    text = (
        "version: 1\ndescription: People\nconnection: warehouse\nmode: live\nscope:\n  companies: all\n"
        "pii:\n  purpose: sales_outreach\n  basis: legitimate_interest\n  send: [person.full_name{more}]\n"
        "routes:\n  people:\n    entity: person\n    events: [created]\n    to: event\n    body:\n"
        "      id: person.id\n      name: person.full_name\n{body}"
    )
    mapping.write_text(text.format(more="", body=""), encoding="utf-8")
    old = _of(root)
    mapping.write_text(text.format(more=", person.email", body="      email: person.email\n"), encoding="utf-8")
    new = _of(root)
    person = {"id": "p1", "sequence": 1, "full_name": "Kari Nordmann", "company_id": "c1", "email": "kari@a.example"}
    nobody = {**person, "id": "p2", "email": None}
    events = [event("person.created", f"e{each['id']}", {"person": each}) for each in (person, nobody)]
    found = effect("fjordbank", old, new, Sample(events, "a test", {}), NOW)
    (flow,) = found.personal
    assert (flow.path, flow.connection, flow.starts, flow.persons) == ("person.email", "warehouse", True, 1)
    assert "kari@a.example" not in repr(found)
    assert "Kari" not in repr(found)


def _of(root: Path) -> Plans:
    made = compile_selection(Selection(root, "fjordbank", None), hints=False)
    assert not made.has_errors, [each.message for each in made.findings]
    return Plans(
        {plan.connection: plan for plan in made.compiled.connections},
        [load_mapping(plan) for plan in made.compiled.mappings],
    )
