"""What a test may expect, and how a failure is told: only what differs, with the line that it comes from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cases.folder import TenantFolder

Tenant = Callable[[str], TenantFolder]
GIVEN = """\
  - name: {name}
    given:
      event: company.updated
      company: {{id: c1, name: Nordic Data AS, domain: nordicdata.no, country: "NO", city: Oslo}}
      crm: [{{id: h1, domain: nordicdata.no, country: Norway}}]
    expect:
"""


def one(expect: str, name: str = "x") -> str:
    return GIVEN.format(name=name) + "".join(f"      {line}\n" for line in expect.splitlines())


PASSING = [
    "match: {record: h1, by: domain, outcome: link}",
    "match: {route: companies, record: h1}",
    "writes: [{object: companies, id: h1, route: companies, fields: {city: Oslo}}]",
    "writes: [{fields: {country: null}}]",
    "exact: true\nwrites: [{object: companies, id: h1, fields: {city: Oslo, name: Nordic Data AS}}]",
    "routes: {companies: update}",
    "never: [create, delete, send, notes, country, Website URL]",
]


@pytest.mark.parametrize("expect", PASSING)
def test_what_came_is_what_is_expected(expect: str, tenant: Tenant) -> None:
    acme = tenant("acme")
    acme.tests(one(expect))
    assert acme.run() == acme.run("mappings/acme/tests/a.yaml")
    assert acme.run().out == "1 passed\n"


FAILING = [
    ("match: {record: h2}", ("match", "record", "h2", "h1")),
    ("match: {by: name}", ("by", "name", "domain")),
    ("match: {outcome: create}", ("outcome", "create", "link")),
    ("match: {route: signal-notes, record: h1}", ("record", "h1", "(no record is looked for)")),
    ("writes: [{fields: {city: Bergen}}]", ("writes[0].fields", "city", "Bergen", "Oslo")),
    ("writes: [{fields: {country: Norway}}]", ("country", "Norway", "(left alone: held a value before us)")),
    ("writes: [{fields: {domain: nordicdata.no}}]", ("domain", "(the record holds it already)")),
    ("writes: [{id: null}]", ("writes[0]", "id", "(nothing)", "h1")),
    ("writes: [{id: h1}, {id: h2}]", ("writes[1]", "h2", "written", "(nothing)")),
    ("writes: [{object: notes}]", ("writes[0]", "notes", "written")),
    ("exact: true", ("writes", "companies h1", "(not written)", "written")),
    ("exact: true\nwrites: [{fields: {city: Oslo}}]", ("name", "(not set)", "Nordic Data AS")),
    ("sends: [{route: companies}]", ("sends[0]", "companies", "sent")),
    ("refused: out_of_scope", ("refused", "out_of_scope", "(not refused)")),
    ("routes: {companies: create}", ("routes", "companies", "create", "update")),
    ("routes: {signal-notes: create}", ("signal-notes", "create", "(never asked)")),
    ("bookmark: {company: c1}", ("bookmark", "made", "(none: no highlight was given)")),
    ("never: [update]", ("never", "update", "update of companies by companies")),
    ("never: [companies]", ("never", "companies")),
    ("never: [city]", ("never", "city", "(not set)", "Oslo")),
]


@pytest.mark.parametrize(("expect", "says"), FAILING, ids=[expect for expect, _ in FAILING])
def test_a_difference_is_told(expect: str, says: tuple[str, ...], tenant: Tenant) -> None:
    acme = tenant("acme")
    acme.tests(one(expect))
    done = acme.run()
    assert done.code == 1
    assert done.out.startswith("FAIL mappings/acme/tests/a.yaml:3  x      (1 of 1)\n")
    for each in says:
        assert each in done.out
    assert done.out.endswith("again: qmap test -k x\n\n0 passed, 1 failed\n")


def test_a_failure_is_a_table_of_what_differs_with_the_line_of_the_mapping(tenant: Tenant) -> None:
    acme = tenant("acme")
    text = one(
        "match: {record: h1}\nwrites: [{object: companies, id: h1, fields: {name: Nordic Data AS, city: Bergen}}]"
    )
    acme.tests(text.replace("city: Oslo", "city: Oslo, founded_on: 2001-05-17") + "        \n")
    acme.tests(
        one("writes: [{fields: {queast_founded_on: '0'}}]").replace("Oslo}", "Oslo, founded_on: 2001-05-17}"), "b.yaml"
    )
    assert acme.run().out == (
        "FAIL mappings/acme/tests/a.yaml:3  x      (1 of 2)\n"
        "  writes[0].fields            expected               actual\n"
        "    city                      Bergen                 Oslo\n"
        "  why: routes.companies.fields.city, base/hubspot.v1.yaml:18\n"
        "  again: qmap test -k x\n"
        "\n"
        "FAIL mappings/acme/tests/b.yaml:3  x      (2 of 2)\n"
        "  writes[0].fields            expected               actual\n"
        "    queast_founded_on         0                      990057600000\n"
        "  why: routes.companies.fields.queast_founded_on, mappings/acme/acme-hubspot.yaml:14\n"
        "  again: qmap test -k x\n"
        "\n"
        "0 passed, 2 failed\n"
    )


def test_what_is_known_before_the_event_counts(tenant: Tenant) -> None:
    acme = tenant("acme")
    acme.tests(
        """\
  - name: a link
    given:
      event: company.updated
      company: {id: c9, country: "NO"}
      links: [{id: h7, ours: c9, inferred: true}]
      crm: [{id: h7, name: Theirs}]
    expect: {match: {record: h7, by: link}}
  - name: somebody who opted out
    given: {event: company.updated, company: {id: c9}, suppressed: [c9]}
    expect: {refused: opted_out}
  - name: a state that is newer
    given: {event: company.updated, companies: [{id: c1, sequence: 5}]}
    expect: {refused: stale_sequence}
  - name: several events
    given:
      events: [{event: company.created, company: {country: "NO"}}, {event: company.updated, company: {country: "NO"}}]
    expect: {routes: {companies: unchanged}, writes: [{id: null}]}
"""
    )
    assert acme.run().out == "4 passed\n"


def test_what_a_webhook_sends_is_compared_as_far_as_it_is_told(tenant: Tenant) -> None:
    bank = tenant("fjordbank")
    signal = "    given: {event: signal.created, signal: {id: s1, score: 30}, company: {domain: a.no}}\n"
    bank.tests(
        f"  - name: a part\n{signal}    expect: {{sends: [{{route: signals, body: {{company: {{domain: a.no}}}}}}]}}\n"
        f"  - name: wrong\n{signal}    expect: {{sends: [{{body: {{company: {{domain: b.no}}, technologies: []}}}}]}}\n"
        f"  - name: whole\n{signal}    expect: {{exact: true, sends: [{{body: {{id: s1}}}}]}}\n"
    )
    done = bank.run()
    assert done.out.endswith("1 passed, 2 failed\n")
    assert "company.domain            b.no                   a.no" in done.out
    assert "routes.signals.body.company.domain, mappings/fjordbank/warehouse.yaml:31" in done.out
    assert "strict                    (not set)              true" in done.out


def test_a_highlight_makes_a_bookmark_or_none(tenant: Tenant) -> None:
    bank = tenant("fjordbank")
    known = "companies: [{id: c1, name: Havbruk ASA, domain: havbruk.no}]"
    starred = "highlight: {company: {name: Havbruk, domain: havbruk.no}, note: call them}"
    bank.tests(
        f"  - name: made\n    given: {{{known}, {starred}}}\n"
        "    expect: {bookmark: {company: c1, owner: team:advisers, note: call them}, match: {record: c1}}\n"
        f"  - name: not made\n    given: {{{known}, {starred}}}\n    expect: {{bookmark: null}}\n"
        f"  - name: another owner\n    given: {{{known}, {starred}}}\n    expect: {{bookmark: {{owner: team:sales}}}}\n"
        "  - name: of nobody\n    given: {highlight: {company: {name: Nobody}}}\n"
        "    expect: {bookmark: {company: c1}}\n",
        mapping="warehouse-stars",
    )
    done = bank.run()
    assert done.out.endswith("1 passed, 3 failed\n")
    assert "owner                     team:sales             team:advisers" in done.out
    assert "(none: none of Queast's companies fits)" in done.out


def test_values_of_persons_are_not_printed(tenant: Tenant) -> None:
    bank = tenant("fjordbank")
    path = bank.folder / "warehouse.yaml"
    path.write_text(
        path.read_text()
        + "\n  persons:\n    entity: person\n    events: [created]\n    to: event\n    body: {name: person.full_name}\n"
        + "pii: {purpose: crm_sync, basis: legitimate_interest, send: [person.full_name]}\n"
    )
    bank.tests(
        "  - name: somebody\n    given: {event: person.created, person: {full_name: (Kari Nordmann)}}\n"
        "    expect: {sends: [{body: {name: Ola}}]}\n"
    )
    lint = bank.run()
    if "QM" in lint.out:
        pytest.fail(lint.out)
    assert "Kari" not in lint.out
    assert "(personal data)" in lint.out
    assert "Kari" not in bank.run("--format", "json").out + bank.run("--format", "junit").out


def test_a_record_is_told_by_its_properties_and_by_the_words_of_its_card(tenant: Tenant) -> None:
    nordlys = tenant("nordlys")
    nordlys.tests(
        """\
  - name: a country inside of an address speaks against the domain
    given:
      event: company.updated
      company: {name: Fjord AS, domain: fjord.no, country: "NO"}
      crm: [{id: "1", name: Fjord, domain: fjord.no, address: Stockholm, country: SE}]
    expect: {match: {record: null, by: domain, outcome: review}}
  - name: an address that is theirs stays
    given:
      event: company.updated
      company: {name: Fjord AS, domain: fjord.no, city: Bergen}
      crm: [{id: "1", name: Fjord AS, domain: fjord.no, address: Bergen}, {id: "2", address: {value: x, locality: y}}]
    expect: {match: {record: "1"}, never: [address]}
"""
    )
    assert nordlys.run().out == "2 passed\n"


def test_links_that_cannot_both_stand_are_said_in_a_line(tenant: Tenant) -> None:
    acme = tenant("acme")
    links = "links: [{id: h1, ours: c1}, {id: h1, ours: c2}]"
    acme.tests(f"  - {{name: x, given: {{event: company.updated, {links}}}, expect: {{exact: true}}}}\n")
    done = acme.run()
    assert (done.code, done.out) == (1, "")
    assert "mappings/acme/tests/a.yaml:3: links: companies h1 of account" in done.complaint


def test_a_highlight_for_a_mapping_that_receives_nothing_is_said_in_a_line(tenant: Tenant) -> None:
    acme = tenant("acme")
    acme.tests("  - {name: x, given: {highlight: {company: {name: N}}}, expect: {bookmark: null}}\n")
    assert "connection hubspot-main takes no messages" in acme.run().complaint
