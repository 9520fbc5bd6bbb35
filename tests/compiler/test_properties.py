"""Properties of an object: what the manifest says and what the account has, as one table."""

from __future__ import annotations

from queast_compiler.passes.properties import Ambiguous, Property, properties_of
from queast_dsl.document.connections import Account, AccountOption, AccountProperty
from queast_dsl.document.connector import ConnectorField, ConnectorObject
from queast_dsl.source import SourceFile, Span

FILE = SourceFile("x", "")
PLACE = Span(FILE, 0, 0)


def declared(name: str, **more: object) -> ConnectorField:
    facts: dict[str, object] = {
        "type": "string",
        "required": False,
        "read_only": False,
        "max_length": None,
        "overflow": "error",
        "options": (),
    }
    return ConnectorField(name=name, span=PLACE, **(facts | more))


def notes(*fields: ConnectorField, open: bool = True) -> ConnectorObject:
    return ConnectorObject(
        name="notes",
        role="note",
        action="create",
        fields={field.name: field for field in fields},
        open=open,
        external_id=None,
        domain_properties=(),
        attach=(),
        attach_required=False,
        codec={},
        requires_edition=(),
        span=PLACE,
    )


def own(name: str, type: str = "string", label: str | None = None, **more: object) -> AccountProperty:
    facts: dict[str, object] = {"required": False, "read_only": False, "max_length": None, "options": ()}
    return AccountProperty(name=name, label=label or name, type=type, **(facts | more))


def account(*properties: AccountProperty) -> Account:
    return Account("x", "1", "2026-01-01T00:00:00Z", {"notes": {each.name: each for each in properties}}, (), FILE)


def found(name: str, object: ConnectorObject, of: Account | None) -> Property:
    property = properties_of(object, of).find(name)
    assert isinstance(property, Property)
    return property


def test_a_manifest_knows_that_a_text_of_the_account_is_html() -> None:
    assert found("body", notes(declared("body", type="html")), account(own("body"))).type == "html"


def test_an_account_knows_that_a_text_of_the_manifest_is_an_enumeration() -> None:
    options = (AccountOption("a", "A"),)
    property = found("kind", notes(declared("kind")), account(own("kind", "enumeration", options=options)))
    assert (property.type, property.option_values) == ("enumeration", ("a",))


def test_the_stricter_of_two_limits_holds() -> None:
    object = notes(declared("body", max_length=10, read_only=True))
    property = found("body", object, account(own("body", max_length=4, required=True)))
    assert (property.max_length, property.read_only, property.required) == (4, True, True)


def test_a_property_is_found_by_its_label_in_any_letter_case() -> None:
    assert found("sales region", notes(), account(own("ab12", label="Sales Region"))).name == "ab12"


def test_a_name_wins_over_a_label() -> None:
    assert found("region", notes(), account(own("ab12", label="region"), own("region", label="x"))).name == "region"


def test_a_label_of_two_properties_is_ambiguous() -> None:
    table = properties_of(notes(), account(own("a", label="Segment"), own("b", label="segment")))
    assert table.find("Segment") == Ambiguous(("a", "b"))


def test_a_table_without_the_account_file_is_incomplete_only_for_an_open_object() -> None:
    assert not properties_of(notes(), None).complete
    assert properties_of(notes(open=False), None).complete
