"""Edits that would slip past a gate if plans were compared by names alone, as sets, or by samples."""

from __future__ import annotations

from typing import Final

from diff.seeded import ACME, ACME_AT, FJORD, FJORD_AT, POLICY, STARS, Edit, Seeded

_PERSONS: Final = """\
pii: {send: [person.full_name, person.email], purpose: sales_outreach, basis: legitimate_interest}
routes:
  persons:
    entity: person
    events: [created]
    to: event
    when: WHEN
    body: {id: person.id, name: person.full_name}
"""
_FURTHER: Final = """\
  everybody:
    entity: person
    events: [created, updated]
    to: event
    body: {id: person.id, name: person.full_name}

  job-ads:
"""
_JOB_ADS: Final = """\
  job-ads:
    entity: job_ad
    events: [created]
    to: event
    body:
      kind: {const: job_ad}
      id: job_ad.id
      title: job_ad.title
      url: job_ad.url
      company_id: job_ad.company_id
      posted_on: job_ad.posted_on
"""
_SECOND: Final = """\
connections:
  hubspot-two:
    connector: hubspot
    account: "ACCOUNT"
    time_zone: Europe/Oslo
    edition: professional
    auth: {token: secret://hubspot-main}
    match:
      company:
        order: [link, external_id, domain, linkedin, name]
        domain:
          from: company.domain
          to: [domain, website]
        name: {review: 0.70, auto_link: 0.9}
        corroborate: []
        on_none: create
        on_many: review
"""
_SPARE: Final = """\
connections:
  spare:
    connector: webhook
    account: spare
    url: https://spare.fjordbank.example/queast
    auth: {signing_secret: secret://spare}
"""
_UNSIGNED: Final = """\
connections:
  spare:
    connector: pipedrive
    account: spare
    time_zone: UTC
    auth: {token: secret://spare}
    match: {company: {order: [link], on_none: review, on_many: review}}
"""
_NORDIC: Final = "company.country in ['NO', 'SE', 'DK', 'FI', 'DE']"
_NO: Final = Edit(ACME, _NORDIC, "company.country == 'NO'")
_RARE: Final = "company.city == 'Oslo' and company.region == 'Oslo' and company.employee_count == 57"
_FILES: Final = "acme/accounts/{}.json"
_HEADER: Final = Edit(FJORD, "  job-ads:\n", "  job-ads:\n    headers: {X-Key: secret://second}\n")
_WITH_HEADER: Final = "  job-ads:\n    headers: {X-Key: secret://second}\n"


def _persons(when: str) -> Edit:
    return Edit(FJORD, "routes:\n", _PERSONS.replace("WHEN", when))


def _second(account: str) -> tuple[Edit, ...]:
    files = Edit(_FILES.format("hubspot-two"), "=", _FILES.format("hubspot-main"))
    number = Edit(files.file, '"24512345"', f'"{account}"')
    return files, number, Edit(ACME_AT, "connections:\n", _SECOND.replace("ACCOUNT", account))


def _hidden(what: str, edits: tuple[Edit, ...], *changes: str, already: tuple[Edit, ...] = ()) -> Seeded:
    return Seeded(what, edits, frozenset(changes), already)


_LOOSER: Final = ("block IDENTITY review-floor-lowered", "block IDENTITY auto-link-lowered",
                  "block IDENTITY corroboration-loosened")  # fmt: skip

BYPASSES: Final = (
    # PRIVACY
    _hidden("a second route of everybody", (Edit(FJORD, "  job-ads:\n", _FURTHER),),
            "warn DESTINATION route-added", "block PRIVACY person-path-starts", "block PRIVACY person-reach-widened",
            already=(_persons("person.country == 'NO'"),)),
    _hidden("an address that only a condition read",
            (Edit(FJORD, "name: person.full_name}", "name: person.full_name, mail: person.email}"),),
            "info CONTRACT body-key-added", "block PRIVACY person-path-starts",
            already=(_persons("is_present(person.email)"),)),
    _hidden("persons by another name without the condition",
            (Edit(FJORD, "  persons:\n", "  people:\n"), Edit(FJORD, "    when: person.country == 'NO'\n", "")),
            "warn DESTINATION route-renamed", "warn SCOPE when-widened", "block PRIVACY person-reach-widened",
            already=(_persons("person.country == 'NO'"),)),
    _hidden("free text",
            (Edit(FJORD, "title: job_ad.title\n", "title: job_ad.title\n      about: job_ad.description\n"),),
            "info CONTRACT body-key-added", "warn PRIVACY free-text-starts"),
    _hidden("free text with names",
            (Edit(FJORD, "title: job_ad.title\n", "title: job_ad.title\n      about: job_ad.description\n"),),
            "info CONTRACT body-key-added", "block PRIVACY free-text-unreplaced",
            already=(_persons("person.country == 'NO'"),)),
    # SECURITY
    _hidden("another name without the secret header", (Edit(FJORD, _WITH_HEADER, "  ads:\n"),),
            "warn DESTINATION route-renamed", "block SECURITY secret-header-removed", already=(_HEADER,)),
    _hidden("a route gone with its secret header",
            (Edit(FJORD, _JOB_ADS.replace("  job-ads:\n", _WITH_HEADER), ""),), "warn DESTINATION route-removed",
            "block SECURITY secret-header-removed", "block CONTRACT body-key-removed", already=(_HEADER,)),
    _hidden("a mapping by another name without the secret header",
            (Edit("fjordbank/feed.yaml", "=", FJORD), Edit("fjordbank/feed.yaml", _WITH_HEADER, "  job-ads:\n"),
             Edit(FJORD, "*", "")), "block LIFECYCLE mapping-removed", "warn DESTINATION mapping-added",
            "block SECURITY secret-header-removed", already=(_HEADER,)),
    _hidden("another connector that does not sign", (Edit(FJORD_AT, _SPARE, _UNSIGNED),),
            "block DESTINATION connector-changed", "block DESTINATION address-changed", "warn SECURITY secret-changed",
            "block IDENTITY match-added", "block SECURITY signature-weakened",
            already=(Edit(FJORD_AT, "connections:\n", _SPARE),)),
    # IDENTITY
    _hidden("stars by another name that ask nobody",
            (Edit(STARS, "  starred:\n", "  marked:\n"), Edit(STARS, "on_none: review", "on_none: ignore")),
            "warn DESTINATION receive-renamed", "block IDENTITY receive-none-ignored"),
    _hidden("a second connection that links more easily", _second("24512345"), "warn DESTINATION connection-added",
            *_LOOSER),
    _hidden("a connection of another account below what is calibrated", _second("7"),
            "warn DESTINATION connection-added", *_LOOSER),
    _hidden("a connection by another name that asks about more",
            (Edit(_FILES.format("other"), "=", _FILES.format("hubspot-main")),
             Edit(ACME_AT, "  hubspot-main:\n", "  other:\n"), Edit(ACME_AT, "review: 0.80", "review: 0.70"),
             Edit(ACME, "connection: hubspot-main ", "connection: other ")),
            "warn DESTINATION connection-removed", "warn DESTINATION connection-added",
            "block IDENTITY review-floor-lowered", "block DESTINATION connection-switched"),
    _hidden("a mapping that moves to where names link more easily",
            (Edit(ACME, "connection: hubspot-main ", "connection: hubspot-two "),),
            "block DESTINATION connection-switched", *_LOOSER, already=_second("24512345")),
    _hidden("a smaller margin", (Edit(ACME_AT, "{review: 0.80}", "{review: 0.80, margin: 0.02}"),),
            "block IDENTITY margin-lowered", already=(Edit(POLICY, "review: {min: 0.6}\n",
                                                           "review: {min: 0.6}\n  margin: {min: 0.02}\n"),)),
    _hidden("names begin to be scored", (Edit(ACME_AT, "# {review: 0.80}", "name: {review: 0.80}"),),
            "block IDENTITY name-rule-added", already=(Edit(ACME_AT, "name: {review", "# {review"),)),
    # SCOPE
    _hidden("a rare company more", (Edit(ACME, "company.country == 'NO'",
                                         f"not (company.country != 'NO') or ({_RARE})"),),
            "block SCOPE scope-widened", already=(_NO,)),
    _hidden("a rare company more, denied",
            (Edit(ACME, "company.country == 'NO'", "not (company.country != 'NO' and (company.city != 'Bergen'"
                  " or company.industry != 'software' or company.employee_count < 500))"),),
            "block SCOPE scope-widened", already=(_NO,)),
    _hidden("the same in other words", (Edit(ACME, "company.country == 'NO'", "not (company.country != 'NO')"),),
            "info SCOPE scope-rewritten", already=(_NO,)),
)  # fmt: skip
