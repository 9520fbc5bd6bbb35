"""What properties are called leads to the field that is meant; what tells of persons is never written out."""

from __future__ import annotations

import pytest

from queast_compiler.passes.properties import Property, PropertyTable
from queast_dsl.document.connector import PropertyType
from queast_runtime.cli.proposing.matching import SURE, propose_object
from queast_runtime.cli.proposing.sources import sources
from queast_runtime.cli.proposing.words import name, nearness, words
from queast_runtime.cli.proposing.writing import mapping_text


def table(*properties: tuple[str, str, PropertyType]) -> PropertyTable:
    made = {key: Property(key, label, type, False, False, None, "error", ()) for key, label, type in properties}
    labels: dict[str, tuple[str, ...]] = {}
    for each in made.values():
        labels[each.label.casefold()] = (*labels.get(each.label.casefold(), ()), each.name)
    return PropertyTable(made, labels, True)


@pytest.mark.parametrize(
    ("key", "label", "type", "path"),
    [
        ("name", "Company name", "string", "company.name"),
        ("legal_name", "Legal name", "string", "company.legal_name"),
        ("url", "URL", "string", "company.website_url"),
        ("homepage", "Homepage", "string", "company.website_url"),
        ("domain", "Company domain name", "string", "company.domain"),
        ("numberofemployees", "Number of Employees", "integer", "company.employee_count"),
        ("headcount", "Headcount", "number", "company.employee_count"),
        ("ansatte", "Antall ansatte", "integer", "company.employee_count"),
        ("annualrevenue", "Annual Revenue", "number", "company.revenue"),
        ("turnover", "Turnover", "number", "company.revenue"),
        ("zip", "Postal code", "string", "company.address.postal_code"),
        ("postnummer", "Postnummer", "string", "company.address.postal_code"),
        ("state", "State/Region", "string", "company.region"),
        ("tel", "Telephone", "string", "company.phone"),
        ("orgnr", "Orgnr", "string", "company.organization_number"),
        ("linkedin_company_page", "LinkedIn Company Page", "string", "company.linkedin_url"),
        ("foundingDate", "Founding date", "date", "company.founded_on"),
        ("0" * 39 + "a", "City", "string", "company.city"),
    ],
)
def test_a_property_is_recognised_by_its_name_or_label(key: str, label: str, type: PropertyType, path: str) -> None:
    (proposal,) = propose_object("companies", "company", table((key, label, type)), None).proposals
    assert (proposal.path, proposal.is_active) == (path, True)
    assert proposal.score >= SURE


@pytest.mark.parametrize(
    ("key", "label", "type"),
    [
        ("first_contact", "First contact", "date"),
        ("account_manager", "Account manager", "string"),
        ("segment", "Segment", "string"),
        ("nps", "NPS", "integer"),
        ("parent_name", "Name of the parent group", "string"),
        ("billing_city", "Billing city", "string"),
        ("last_order_date", "Last order date", "date"),
    ],
)
def test_a_property_that_means_something_else_is_at_most_a_comment(key: str, label: str, type: PropertyType) -> None:
    found = propose_object("companies", "company", table((key, label, type)), None)
    assert [each.path for each in found.proposals if each.is_active] == []


def test_nothing_of_a_person_is_written_out() -> None:
    properties = table(
        ("email", "Email", "string"),
        ("firstname", "First name", "string"),
        ("lastname", "Last name", "string"),
        ("jobtitle", "Job title", "string"),
        ("mobilephone", "Mobile phone", "string"),
        ("country", "Country", "string"),
    )
    found = propose_object("contacts", "person", properties, None)
    assert {each.path for each in found.proposals} >= {"person.email", "person.first_name", "person.last_name"}
    assert [each for each in found.proposals if each.is_active] == []
    text = mapping_text("crm", "accounts/crm.json", [found], "x.json")
    assert [line for line in text.splitlines() if "person." in line and not line.startswith("#")] == []
    assert all(each.held_back is not None for each in sources("person"))


def test_a_field_of_ours_goes_to_one_property_and_the_second_is_told() -> None:
    found = propose_object(
        "companies", "company", table(("city", "City", "string"), ("town", "Town", "string")), None
    ).proposals
    assert {each.property.name: each.is_active for each in found} == {"city": True, "town": False}
    assert found[1].why == "goes to city already"


def test_the_property_that_holds_our_id_is_nobodys_field() -> None:
    found = propose_object("companies", "company", table(("queast_company_id", "Name", "string")), "queast_company_id")
    assert found.proposals == ()
    assert found.unmatched[0].why.startswith("holds our id")


def test_every_source_of_a_company_names_a_field_that_is_no_book_keeping() -> None:
    paths = {each.path for each in sources("company")}
    assert {"company.name", "company.address.street", "company.technologies"} <= paths
    assert not paths & {"company.id", "company.sequence", "company.do_not_export", "company.address.city"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("numberOfEmployees", ("number", "employee")),
        ("hs_annual_revenue", ("annual", "revenue")),
        ("Company", ("company",)),
        ("ZIP code", ("postal", "code")),
        ("", ()),
    ],
)
def test_names_come_to_one_form(text: str, told: tuple[str, ...]) -> None:
    assert words(text) == told


def test_nearness_is_one_for_the_same_and_nothing_for_nothing() -> None:
    assert nearness(name("Website URL"), name("website_url")) == 1
    assert nearness(name(""), name("website")) == 0
    assert nearness(name("legal name"), name("name")) < SURE
