"""Connections against their connector: what the plan holds, what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from connectors.plans import (
    DOMAIN_KEY,
    HUBSPOT_ACCOUNT,
    ID_KEY,
    PIPEDRIVE_ACCOUNT,
    SIZE_KEY,
    account,
    at,
    connection,
    connector,
    match_rules,
    plan,
)
from queast_compiler.passes.destination_address import address_fault
from queast_compiler.passes.lower_connection import lower_connection, warn_of_end
from queast_compiler.plan.ir import Path as IrPath
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.document.connections import NameRule

WEBHOOK_AUTH = (("signing_secret", "main"),)
SCORED = NameRule(at("0.8", 12), None, None, at("name", 12).span)


def findings(kind: str, file: Any = None, **options: Any) -> list[tuple[str, int, str]]:
    diagnostics = Diagnostics()
    compiled = lower_connection(connection(kind, **options), connector(kind), file, diagnostics)
    found = [(each.code, each.span.line if each.span else 0, each.message) for each in diagnostics]
    assert (compiled is None) is bool(found)
    return found


def test_our_id_is_found_by_its_label_and_asked_for_under_the_accounts_key() -> None:
    compiled = plan("pipedrive")
    (match,) = compiled.match
    organizations = compiled.manifest["objects"]["organizations"]
    assert match.external_id == organizations["external_id"] == ID_KEY
    assert organizations["read"] == ["name", "website", "address", "linkedin", ID_KEY]
    assert organizations["whole_numbers"] == sorted(["industry", "label_ids", "owner_id", "visible_to", SIZE_KEY])


def test_a_connection_that_says_nothing_is_matched_by_link_id_and_domain() -> None:
    (match,) = plan("hubspot").match
    assert (match.entity, match.object, match.order) == ("company", "companies", ("link", "external_id", "domain"))
    assert isinstance(match.domain_from, IrPath)
    assert (match.domain_from.root, match.domain_from.steps) == ("company", ("domain",))
    assert match.domain_from.line == 0, "a line of the manifest is none of connections.yaml"
    assert (match.domain_to, match.on_none, match.on_many) == (("domain", "website"), "create", "review")


def test_rules_of_the_connection_replace_the_defaults() -> None:
    rules = match_rules(order=("external_id", "link"), on_none="review", on_many="skip")
    diagnostics = Diagnostics()
    compiled = lower_connection(
        connection("pipedrive", match=(rules,)), connector("pipedrive"), PIPEDRIVE_ACCOUNT, diagnostics
    )
    assert compiled is not None
    (match,) = compiled.match
    assert (match.order, match.on_none, match.on_many) == (("external_id", "link"), "review", "skip")
    assert match.domain_to == ()
    assert match.domain_from is None
    again = match_rules(order=("domain",), domain=("company.domain", ("queast_domain", "website")))
    compiled = lower_connection(
        connection("pipedrive", match=(again,)), connector("pipedrive"), PIPEDRIVE_ACCOUNT, diagnostics
    )
    assert compiled is not None
    assert compiled.match[0].domain_to == (DOMAIN_KEY, "website")
    assert DOMAIN_KEY in compiled.manifest["objects"]["organizations"]["read"]


def test_a_plan_holds_names_of_secrets_and_digests_of_sources() -> None:
    compiled = plan("hubspot")
    assert compiled.secrets == (("token", "main"),)
    assert [path for path, _ in compiled.sources] == [
        "connectors/hubspot.yaml", "mappings/acme/accounts/hubspot-main.json", "mappings/acme/connections.yaml"
    ]  # fmt: skip
    assert all(len(digest) == 64 for _, digest in compiled.sources)
    assert (compiled.url, compiled.time_zone) == ("https://api.hubapi.com", "Europe/Oslo")
    assert "fields" not in compiled.manifest["objects"]["companies"]


def test_a_webhook_needs_its_url_and_matches_nothing() -> None:
    compiled = plan("webhook")
    assert (compiled.url, compiled.match, compiled.time_zone) == ("https://hooks.acme.example/in?k=1", (), "UTC")
    assert findings("webhook", auth=WEBHOOK_AUTH) == [
        ("QM611", 1, "connection `webhook-main` gives no `url`, which connector `webhook` needs")
    ]
    bad = findings("webhook", auth=WEBHOOK_AUTH, url="http://hooks.acme.example/in")
    assert bad == [("QM611", 4, "`url` is not https")]


def test_a_connector_with_an_address_takes_no_other() -> None:
    assert findings("hubspot", HUBSPOT_ACCOUNT, url="https://evil.example/") == [
        ("QM611", 4, "connector `hubspot` has an address of its own and takes no `url`")
    ]


@pytest.mark.parametrize(
    ("auth", "says"),
    [((), "gives no `token`"), ((("api_key", "main"),), "knows no credential `api_key`"),
     ((("token", "main"), ("other", "x")), "knows no credential `other`")],
)  # fmt: skip
def test_credentials_are_exactly_the_connectors(auth: tuple[tuple[str, str], ...], says: str) -> None:
    ((code, _, message),) = findings("hubspot", HUBSPOT_ACCOUNT, auth=auth)
    assert code == "QM610"
    assert says in message


@pytest.mark.parametrize(("zone", "line"), [(None, 1), ("CET+1", 5), ("Oslo", 5)])
def test_a_daily_quota_needs_a_known_time_zone(zone: str | None, line: int) -> None:
    ((code, found, _),) = findings("hubspot", HUBSPOT_ACCOUNT, time_zone=zone)
    assert (code, found) == ("QM612", line)


@pytest.mark.parametrize(
    ("rules", "code", "line"),
    [
        (match_rules("person"), "QM614", 7),
        (match_rules(order=("link", "tax_id")), "QM617", 8),
        (match_rules(domain=("company.domain", ("domian",))), "QM615", 9),
        (match_rules(domain=("company.domain", ("numberofemployees",))), "QM618", 9),
        (match_rules(domain=("company.employee_count", ("domain",))), "QM618", 1),
        (match_rules(domain=("company.founded_on", ("domain",))), "QM618", 1),
        (match_rules(domain=("company.domain == 'acme.no'", ("domain",))), "QM618", 1),
        (match_rules(order=("link",), domain=("company.employee_count", ("domain",))), "QM618", 1),
        (match_rules(domain=("company.domian", ("domain",))), "QM211", 1),
        (match_rules(on_none="invent"), "QM617", 10),
        (match_rules(on_many="create"), "QM617", 11),
        (match_rules(order=("link",), name=SCORED), "QM619", 12),
        (match_rules(order=("name",), corroborate=("country",)), "QM619", 13),
        (match_rules(order=("name",), name=SCORED, corroborate=("county",)), "QM617", 13),
        (match_rules(order=("name",), name=replace(SCORED, auto_link=at("0.7", 12))), "QM620", 12),
    ],
)
def test_a_rule_that_cannot_work_is_refused_where_it_stands(rules: Any, code: str, line: int) -> None:
    ((found, at_line, _),) = findings("hubspot", HUBSPOT_ACCOUNT, match=(rules,))
    assert (found, at_line) == (code, line)


def test_matching_by_our_id_needs_a_property_for_it() -> None:
    none = account("hubspot", {"companies": ()})
    ((code, line, _),) = findings("hubspot", none, match=(match_rules(order=("external_id",), on_none="review"),))
    assert (code, line) == ("QM616", 8)


@pytest.mark.parametrize(
    ("today", "code"), [(date(2027, 3, 4), None), (date(2027, 3, 5), "QM604"), (date(2028, 1, 1), "QM604")]
)
def test_the_end_of_an_interface_is_announced_180_days_ahead(today: date, code: str | None) -> None:
    diagnostics = Diagnostics()
    warn_of_end(connector("hubspot"), today, at("hubspot").span, diagnostics)
    assert [each.code for each in diagnostics] == ([] if code is None else [code])


def test_the_same_documents_give_the_same_plan() -> None:
    assert plan("pipedrive") == plan("pipedrive")
    assert replace(plan("hubspot"), url="x") != plan("hubspot")


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/x",
        "ftp://a.example/",
        "https://10.0.0.1/",
        "https://0x7f.1/",
        "https://[::1]/",
        "https://a/",
        "https://u:p@a.example/",
        "https://a.example:8443/",
        "https://a.example:x/",
        "https://a.example/#x",
        "https://a b.example/",
        "https://ex\u00e4mple.com/",
    ],
)
def test_an_address_that_would_never_be_dialled_is_refused_when_it_is_written(url: str) -> None:
    assert address_fault(url) is not None
    assert address_fault("https://hooks.acme.example/in?k=1&b=2") is None


@pytest.mark.parametrize("evidence", ["phone", "linkedin"])
def test_evidence_that_is_never_compared_is_refused(evidence: str) -> None:
    rules = match_rules(order=("name",), name=SCORED, corroborate=(evidence,))
    diagnostics = Diagnostics()
    lower_connection(connection("hubspot", match=(rules,)), connector("hubspot"), HUBSPOT_ACCOUNT, diagnostics)
    (finding,) = diagnostics
    assert finding.code == "QM617"
    assert f"`{evidence}` in `corroborate` is not compared" in finding.message
