"""What a person sees in an editor: yaml-language-server over the schemas that `qmap schema --write` leaves behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from editor.conftest import MAPPINGS
from editor.language_server import LanguageServer, Offer, Underlined

LINE = "# yaml-language-server: $schema=.qmap-schemas/hubspot-main.schema.json\n"
HEAD = f"{LINE}version: 1\nconnection: hubspot-main\nmode: live\n"
ROUTE = HEAD + "routes:\n  ours:\n    entity: company\n    events: [created]\n    to: companies\n"
FIELDS = ROUTE + "    fields:\n"


@pytest.fixture
def acme(mappings: Path) -> Path:
    return mappings / "acme" / "acme-hubspot.yaml"


def labels(offers: list[Offer]) -> list[str]:
    return [offer.label for offer in offers]


def only(offers: list[Offer], label: str) -> Offer:
    (found,) = (offer for offer in offers if offer.label == label)
    return found


@pytest.mark.parametrize("name", MAPPINGS)
def test_nothing_is_underlined_in_a_sound_mapping(server: LanguageServer, mappings: Path, name: str) -> None:
    file = mappings / f"{name}.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=.qmap-schemas/")
    assert server.underlined(file, text) == []


def test_nothing_is_underlined_in_the_tenants_other_files(server: LanguageServer, mappings: Path) -> None:
    for tenant in ("acme", "fjordbank", "nordlys"):
        file = mappings / tenant / "connections.yaml"
        line = "# yaml-language-server: $schema=../.qmap-schemas/connections.schema.json\n"
        assert server.underlined(file, line + file.read_text(encoding="utf-8")) == []
    policy = mappings / "policy.yaml"
    line = "# yaml-language-server: $schema=.qmap-schemas/policy.schema.json\n"
    assert server.underlined(policy, line + policy.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD.replace("mode", "mod"), Underlined("mod", 3, 0, "Property mod is not allowed.")),
        (
            FIELDS + "      nmae: company.name\n",
            Underlined("nmae", 10, 6, "Property nmae is not allowed."),
        ),
        (
            FIELDS + "      lifecyclestage: {const: leed, write: always}\n",
            Underlined("leed", 10, 30, "Value is not accepted. Valid values: "),
        ),
        (
            FIELDS + "      hubspot_owner_id: {const: ana@acme.example, write: always}\n",
            Underlined("ana@acme.example", 10, 32, "Value is not accepted. Valid values: "),
        ),
        (
            FIELDS + "      createdate: {from: company.founded_on, write: always}\n",
            Underlined("{from: company.founded_on, write: always}", 10, 18, "only the destination writes `createdate`"),
        ),
        (ROUTE.replace("to: companies", "to: company"), Underlined("company", 8, 8, "Value is not accepted.")),
        (ROUTE.replace("[created]", "[created, delted]"), Underlined("delted", 7, 22, "Value is not accepted.")),
        (ROUTE + "    write: alway\n", Underlined("alway", 9, 11, "Value is not accepted.")),
        (HEAD.replace("live", "alive"), Underlined("alive", 3, 6, 'Value is not accepted. Valid values: "off", ')),
    ],
)
def test_a_mistake_is_underlined_once_where_it_stands(
    server: LanguageServer, acme: Path, text: str, expected: Underlined
) -> None:
    if "routes" not in text:
        text += "extends: base/hubspot@1\n"
    (found,) = server.underlined(acme, text)
    assert (found.text, found.line, found.column) == (expected.text, expected.line, expected.column)
    assert found.message.startswith(expected.message)


def test_the_keys_of_a_mapping_are_offered_with_what_they_are_for(server: LanguageServer, acme: Path) -> None:
    offers = server.offers(acme, f"{LINE}¦")
    assert {"version", "description", "connection", "extends", "mode", "scope", "routes", "templates", "tables"} <= set(
        labels(offers)
    )
    assert "locked" not in labels(offers)
    assert only(offers, "connection").about == "A connection of this tenant's connections.yaml."


def test_connections_and_bases_are_offered_by_name(server: LanguageServer, acme: Path) -> None:
    assert labels(server.offers(acme, f"{LINE}version: 1\nconnection: ¦")) == ["hubspot-main"]
    assert labels(server.offers(acme, f"{HEAD}extends: ¦")) == ["base/hubspot@1"]
    routes = server.offers(acme, f"{HEAD}extends: base/hubspot@1\nroutes:\n  ¦")
    assert only(routes, "signal-notes").about == "A route of the base, from signal to notes."


def test_the_keys_of_a_route_are_offered(server: LanguageServer, acme: Path) -> None:
    offers = server.offers(acme, f"{HEAD}routes:\n  ours:\n    ¦")
    assert {"entity", "events", "to", "when", "attach_to", "write", "fields", "afterwards"} <= set(labels(offers))
    when = only(server.offers(acme, f"{ROUTE}    ¦"), "when")
    assert "It reads `company`" in when.about
    assert when.inserts.startswith("when: ${1:is_present(company.")
    objects = server.offers(acme, f"{HEAD}routes:\n  ours:\n    entity: company\n    to: ¦")
    assert {"companies", "notes"} <= set(labels(objects))


def test_the_accounts_own_properties_are_offered_with_label_and_kind(server: LanguageServer, acme: Path) -> None:
    offers = server.offers(acme, f"{FIELDS}      ¦")
    founded = only(offers, "queast_founded_on")
    assert founded.about.startswith("Founded on: a date. An expression, or a mapping")
    assert founded.inserts == "queast_founded_on: ${1:company.founded_on}"
    assert only(offers, "description").about.startswith("Description: text of several lines, at most 65536 characters.")
    assert only(offers, "name").about.startswith("Company name: text, required.")
    # What only the destination writes, or we do, is not offered.
    assert {"createdate", "hs_object_id", "queast_company_id"}.isdisjoint(labels(offers))


def test_a_route_of_the_base_offers_the_properties_of_where_it_goes(server: LanguageServer, acme: Path) -> None:
    head = f"{HEAD}extends: base/hubspot@1\nroutes:\n"
    assert "queast_founded_on" in labels(server.offers(acme, f"{head}  companies:\n    fields:\n      ¦"))
    notes = labels(server.offers(acme, f"{head}  signal-notes:\n    fields:\n      ¦"))
    assert "hs_note_body" in notes
    assert "queast_founded_on" not in notes


@pytest.mark.parametrize("written", ["{const: ¦}", "\n        const: ¦"])
def test_options_are_offered_with_their_labels(server: LanguageServer, acme: Path, written: str) -> None:
    offers = server.offers(acme, f"{FIELDS}      industry: {written}")
    assert only(offers, "COMPUTER_SOFTWARE").about == "Computer software"
    assert only(offers, "Computer software").about == "The same as `COMPUTER_SOFTWARE`."
    assert {"true", "false"}.isdisjoint(labels(offers))


def test_owners_are_offered_by_mail_address(server: LanguageServer, acme: Path) -> None:
    offers = server.offers(acme, f"{FIELDS}      hubspot_owner_id: {{const: ¦}}")
    assert labels(offers)[:2] == ["anna@acme.example", "jonas@acme.example"]


def test_only_what_this_version_can_do_is_offered(server: LanguageServer, acme: Path) -> None:
    assert {"always", "on_create"} <= set(labels(server.offers(acme, f"{ROUTE}    write: ¦")))
    assert "true" not in labels(server.offers(acme, f"{LINE}description: ¦"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{LINE}version: 1\nmo¦de: live\n", ["sends nothing", "live"]),
        (
            f"{FIELDS}      queast_found¦ed_on: company.founded_on\n",
            ["Founded on", "a date", "qmap fields company", "company.founded_on"],
        ),
        (f"{FIELDS}      industry: {{co¦nst: BANKING}}\n", ["A value sent as it is, for Industry.", "BANKING"]),
        (f"{FIELDS}      create¦date: company.name\n", ["Create date", "Only the destination writes it."]),
        (f"{ROUTE}    wh¦en: company.name == 'x'\n", ["A condition on this event", "qmap fields company"]),
    ],
)
def test_hovering_says_what_a_word_means(server: LanguageServer, acme: Path, text: str, said: list[str]) -> None:
    shown = server.hover(acme, text)
    assert [each for each in said if each not in shown] == [], shown


def test_a_webhooks_body_says_what_it_may_read(server: LanguageServer, mappings: Path) -> None:
    file = mappings / "fjordbank" / "warehouse.yaml"
    line = "# yaml-language-server: $schema=.qmap-schemas/warehouse.schema.json\n"
    route = "routes:\n  ours:\n    entity: job_ad\n    events: [created]\n    to: event\n    "
    offers = server.offers(file, f"{line}version: 1\nconnection: warehouse\n{route}¦")
    body = only(offers, "body")
    assert "It reads `job_ad`: see" in body.about
    assert "job_ad.id" in body.inserts


def test_a_label_is_offered_where_the_name_is_a_number(server: LanguageServer, mappings: Path) -> None:
    file = mappings / "nordlys" / "nordlys-pipedrive.yaml"
    line = "# yaml-language-server: $schema=.qmap-schemas/pipedrive-main.schema.json\n"
    route = "routes:\n  ours:\n    entity: company\n    events: [created]\n    to: organizations\n    fields:\n      "
    offers = server.offers(file, f"{line}version: 1\nconnection: pipedrive-main\n{route}¦")
    assert {"queast_domain", "queast_country", "employee_count"} <= set(labels(offers))
    assert [label for label in labels(offers) if len(label) >= 32] == []


def test_rules_of_matching_are_offered_in_connections(server: LanguageServer, mappings: Path) -> None:
    file = mappings / "acme" / "connections.yaml"
    line = "# yaml-language-server: $schema=../.qmap-schemas/connections.schema.json\n"
    head = f"{line}version: 1\nconnections:\n  main:\n    connector: hubspot\n    account: 24512345\n"
    assert {"auth", "match", "time_zone"} <= set(labels(server.offers(file, f"{head}    ¦")))
    (found,) = server.underlined(file, f"{head}    match:\n      company: {{on_none: crate}}\n")
    assert (found.text, found.line) == ("crate", 7)
