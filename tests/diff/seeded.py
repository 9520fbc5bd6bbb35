"""Edits of the example tenants, their policy, the manifests and the base mapping, and what each of them is.

An edit replaces a text that stands once in a file; `*` instead of one removes the file, `=` makes it a copy of the file
that is named after it. A change is its gate, category and kind; where each stands is in `seeded.txt`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

ACME, ACME_AT = "acme/acme-hubspot.yaml", "acme/connections.yaml"
NORD, NORD_AT = "nordlys/nordlys-pipedrive.yaml", "nordlys/connections.yaml"
FJORD, STARS, FJORD_AT = "fjordbank/warehouse.yaml", "fjordbank/warehouse-stars.yaml", "fjordbank/connections.yaml"
POLICY, BASE = "policy.yaml", "base/hubspot.v1.yaml"
HUBSPOT, PIPEDRIVE, WEBHOOK = (f"connectors/{name}.yaml" for name in ("hubspot", "pipedrive", "webhook"))


class Edit(NamedTuple):
    file: str
    before: str
    after: str


class Seeded(NamedTuple):
    """`already` are edits of both sides, for what the examples do not have."""

    what: str
    edits: tuple[Edit, ...]
    changes: frozenset[str]
    already: tuple[Edit, ...] = ()


def seeded(what: str, file: str, before: str, after: str, *changes: str) -> Seeded:
    return Seeded(what, (Edit(file, before, after),), frozenset(changes))


_PERSONS: Final = """\
pii: {send: [person.full_name, person.email], purpose: sales_outreach, basis: legitimate_interest}
routes:
  persons:
    entity: person
    events: [created, updated]
    to: event
    body: {id: person.id, name: person.full_name, mail: person.email}
"""
_NOTES: Final = """
  signal-notes:
    entity: signal
    events: [created]
    to: notes
    attach_to: [company]
    fields:
      hs_timestamp: signal.occurred_at
      hs_note_body: {render: signal_note}

templates:
"""
_FLAT_RATE: Final = """\
version: 1
rates: {requests_per_second: 2}
"""

SEEDED: Final = (
    # IDENTITY
    seeded("links from 0.9", ACME_AT, "{review: 0.80}", "{review: 0.80, auto_link: 0.9}",
           "block IDENTITY auto-link-lowered"),
    seeded("links from 0.99", ACME_AT, "{review: 0.80}", "{review: 0.80, auto_link: 0.99}",
           "block IDENTITY auto-link-raised"),
    seeded("asks from 0.7", ACME_AT, "review: 0.80", "review: 0.70", "block IDENTITY review-floor-lowered"),
    seeded("a name alone", ACME_AT, "on_none: create", "corroborate: []\n        on_none: create",
           "block IDENTITY corroboration-loosened"),
    seeded("no country veto", ACME_AT, "on_none: create", "veto_if_different: [domain]\n        on_none: create",
           "block IDENTITY veto-removed"),
    seeded("name before domain", ACME_AT, "domain, linkedin, name]", "name, domain, linkedin]",
           "block IDENTITY rule-order-changed"),
    seeded("no LinkedIn", ACME_AT, "linkedin, name]", "name]", "block IDENTITY rule-removed"),
    Seeded("no names", (Edit(ACME_AT, ", linkedin, name]", ", linkedin]"), Edit(ACME_AT, "name: {review", "# {review")),
           frozenset({"block IDENTITY rule-removed", "block IDENTITY name-rule-removed"})),
    seeded("several are skipped", ACME_AT, "on_many: review", "on_many: skip", "block IDENTITY on-many-changed"),
    seeded("none is asked", ACME_AT, "on_none: create", "on_none: review", "info IDENTITY on-none-to-review"),
    seeded("domain only", NORD_AT, "company.domain ?? (company.website_url | domain)", "company.domain",
           "block IDENTITY domain-source-changed"),
    seeded("compares websites only", NORD_AT, "to: [website, queast_domain]", "to: [website]",
           "block IDENTITY domain-target-changed", "info DESTINATION object-described-otherwise"),
    seeded("stars of unknown companies", STARS, "on_none: review", "on_none: ignore",
           "block IDENTITY receive-none-ignored"),
    # PRIVACY
    seeded("persons begin to leave", FJORD, "routes:\n", _PERSONS, "warn DESTINATION route-added",
           "block PRIVACY person-path-starts", "block PRIVACY free-text-unreplaced"),
    Seeded("persons of more companies", (Edit(FJORD, "routes:\n", _PERSONS),
           Edit(FJORD, "companies: all", "companies: bookmarked")), frozenset({
           "warn DESTINATION route-added", "block PRIVACY person-path-starts", "block PRIVACY free-text-unreplaced",
           "warn SCOPE companies-narrowed"})),
    # DESTINATION
    seeded("another address", FJORD_AT, "fjordbank.example/queast", "fjordbank.example/in",
           "block DESTINATION address-changed"),
    seeded("another account", FJORD_AT, "account: warehouse", "account: archive", "block DESTINATION account-changed"),
    seeded("another time zone", NORD_AT, "Europe/Oslo", "Europe/Stockholm", "warn DESTINATION time-zone-changed"),
    seeded("a further route", FJORD, "  job-ads:\n", "  gone:\n    {entity: company, events: [deleted], to: event}\n"
           "  job-ads:\n", "warn DESTINATION route-added", "warn PRIVACY free-text-starts"),
    seeded("a renamed route", FJORD, "  job-ads:\n", "  ads:\n", "warn DESTINATION route-renamed"),
    Seeded("notes left out", (Edit(BASE, _NOTES, "\ntemplates:\n"),
           Edit(ACME, "  signal-notes:\n    when: signal.score >= 40\n", "")), frozenset({
           "warn DESTINATION route-removed"})),
    seeded("bookmarks of sales", STARS, "team: advisers", "team: sales", "warn DESTINATION bookmark-owner-changed"),
    seeded("a newer interface", HUBSPOT, "version: 2026-03", "version: 2026-09", "warn DESTINATION interface-changed"),
    seeded("smaller calls", HUBSPOT, "        batch: 100\n        unique: [partner_id]",
           "        batch: 50\n        unique: [partner_id]", "warn DESTINATION operation-changed"),
    seeded("a refusal read otherwise", WEBHOOK, "class: blocked", "class: config", "warn DESTINATION answers-changed"),
    # FIELD
    seeded("industry overwritten", NORD, "write: on_create", "write: always", "block FIELD write-widened"),
    seeded("industry by default", NORD, "\n        write: on_create", "", "block FIELD write-widened"),
    seeded("nulls clear", NORD, "write: on_create", "write: on_create\n        on_null: clear",
           "block FIELD null-clears"),
    seeded("no address", NORD, "      address: company.city\n", "", "warn FIELD field-removed"),
    seeded("an address of the street", NORD, "address: company.city", "address: company.address.street",
           "info FIELD expression-changed"),
    seeded("a property of the base left out", BASE, "      phone: company.phone\n", "", "warn FIELD field-removed"),
    seeded("a property of the base otherwise", BASE, "city: company.city", "city: company.city | upper",
           "info FIELD expression-changed"),
    seeded("a row otherwise", NORD, 'banking: "2"', 'banking: "3"', "info FIELD row-changed"),
    seeded("a row of the base gone", BASE, "    agriculture: FARMING\n", "", "info FIELD row-removed"),
    seeded("a template otherwise", NORD, "<b>{{ signal.title }}</b> (", "<i>{{ signal.title }}</i> (",
           "info FIELD expression-changed"),
    seeded("another owner", ACME, "write: on_create", "write: if_empty", "block FIELD write-widened"),
    # SCOPE
    seeded("one country less", ACME, "'DK', 'FI', 'DE'", "'DK', 'FI'", "warn SCOPE scope-narrowed"),
    seeded("one country more", ACME, "'DK', 'FI', 'DE'", "'DK', 'FI', 'DE', 'NL'", "block SCOPE scope-widened"),
    seeded("every country", ACME, "  where: company.country in ['NO', 'SE', 'DK', 'FI', 'DE']\n", "",
           "block SCOPE scope-widened"),
    seeded("countries turned round", ACME, "['NO', 'SE', 'DK', 'FI', 'DE']", "['DE', 'SE', 'DK', 'FI', 'NO']",
           "info SCOPE scope-rewritten"),
    seeded("bookmarked only", ACME, "companies: all", "companies: bookmarked", "warn SCOPE companies-narrowed"),
    seeded("strict only", FJORD, "signals: informational", "signals: strict", "warn SCOPE signals-narrowed"),
    seeded("lower scores", ACME, "signal.score >= 40", "signal.score >= 20", "warn SCOPE when-widened"),
    seeded("scores that are there", FJORD, "is_null(signal.score) or signal.score >= 20", "signal.score >= 20",
           "warn SCOPE when-narrowed"),
    seeded("changed job ads too", FJORD, "entity: job_ad\n    events: [created]",
           "entity: job_ad\n    events: [created, updated]", "warn SCOPE trigger-added"),
    seeded("switched off", NORD, "mode: live", "mode: 'off'", "warn SCOPE mode-off"),
    seeded("a bound of creations", NORD, "mode: live", "mode: live\nlimits: {creates_per_day: 50}",
           "warn SCOPE creates-lowered"),
    seeded("a slower pace for all", POLICY, "version: 1\n", _FLAT_RATE, "info SCOPE rate-lowered"),
    seeded("a faster vendor", HUBSPOT, "limit: 100, window_s: 10", "limit: 190, window_s: 10",
           "block SCOPE rate-raised"),
    seeded("a grant that ends", POLICY, '"2099-01-01"', '"2027-01-01"',
           "warn SCOPE informational-shortened"),
    # LIFECYCLE
    seeded("a mapping gone", STARS, "*", "", "block LIFECYCLE mapping-removed"),
    seeded("keeping said aloud", NORD, "    to: organizations\n",
           "    to: organizations\n    afterwards: {deleted: keep}\n", "info LIFECYCLE afterwards-keeps"),
    # SECURITY
    seeded("a token instead of a signature", WEBHOOK, "auth: {kind: standard_webhooks,", "auth: {kind: bearer,",
           "block SECURITY signature-weakened"),
    seeded("a token in a header", HUBSPOT, "auth: {kind: bearer, credential: token}",
           "auth: {kind: header, credential: token, header: x-token}", "block SECURITY authentication-changed"),
    seeded("another signing secret", FJORD_AT, "secret://warehouse}\n    inbound", "secret://next}\n    inbound",
           "warn SECURITY secret-changed"),
    Seeded("nothing received", (Edit(FJORD_AT, "    inbound: {verify: standard_webhooks, secret: secret://warehouse-in}"
           "\n", ""), Edit(STARS, "*", "")), frozenset({
           "warn SECURITY inbound-closed", "block LIFECYCLE mapping-removed"})),
    # CONTRACT
    seeded("a key gone", FJORD, "      score: signal.score\n", "", "block CONTRACT body-key-removed"),
    seeded("a key renamed", FJORD, "      score: signal.score\n", "      points: signal.score\n",
           "block CONTRACT body-key-renamed"),
    seeded("a key of another type", FJORD, "score: signal.score\n", "score: signal.score | text\n",
           "block CONTRACT body-key-retyped"),
    seeded("a key more", FJORD, "      url: job_ad.url\n", "      url: job_ad.url\n      at: job_ad.company_id\n",
           "info CONTRACT body-key-added"),
    seeded("a key deep inside", FJORD, "          name: technology\n", "          tool: technology\n",
           "block CONTRACT body-key-renamed"),
    seeded("a body instead of the event", FJORD, "    to: event               # no body: the canonical event is sent\n",
           "    to: event\n    body: {id: company.id}\n", "block CONTRACT body-replaced"),
    seeded("a header", FJORD, "    entity: job_ad\n", "    headers: {X-Kind: {const: ad}}\n    entity: job_ad\n",
           "info CONTRACT header-added"),
)  # fmt: skip
