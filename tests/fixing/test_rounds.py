"""Fixes are applied until none is left; everything else of the file stays byte for byte."""

from __future__ import annotations

from fixing.fixing_case import MAIN, Tenant, example
from queast_compiler.lint.fixing import fixed


def test_two_fixes_in_one_expression_take_two_rounds() -> None:
    tenant = example("city: company.cty ?? company.contry  # kept  \nzip:   'company.city'\n")
    assert [each.code for each in tenant.findings()] == ["QM211", "QM211"]
    after = tenant.fixed_text()
    assert "city: company.city ?? company.country  # kept  \n" in after
    assert "zip:   'company.city'\n" in after
    assert tenant.check({MAIN: after}).findings == ()


def test_what_an_error_hid_is_fixed_in_a_later_round() -> None:
    tenant = example("city: company.cty | trim | trim\n")
    result = tenant.fixed()
    assert [each.code for each in result.findings] == ["QM211", "QM810"]
    assert "city: company.city | trim\n" in result.texts[MAIN]


def test_a_fix_that_does_not_hold_keeps_no_other_from_being_applied() -> None:
    lines = "".join(f"p{n}: company.nme\n" for n in range(3))
    several = example(f"city: company.cty\naddress: company.domian\n{lines}")
    after = several.fixed_text()
    assert "city: company.city\n" in after
    assert "address: company.domain\n" in after


def test_only_what_was_chosen_is_fixed() -> None:
    tenant = example("city: company.city ?? null\nzip: company.city | trim | trim\n")
    result = fixed(tenant.check(tenant.texts), tenant.texts, tenant.check, is_wanted=lambda each: each.code == "QM811")
    assert [each.code for each in result.findings] == ["QM811"]
    assert result.texts[MAIN] == tenant.text.replace(" ?? null", "")


def test_line_ends_of_windows_stay() -> None:
    tenant = Tenant(example("city: company.cty  # c\n").text.replace("\n", "\r\n"))
    after = tenant.fixed_text()
    assert after == tenant.text.replace("cty", "city")


def test_a_text_that_was_written_as_a_number_becomes_a_constant_and_nothing_that_lint_warns_of() -> None:
    tenant = example("phone: 5\n")
    assert 'phone: {const: "5"}\n' in tenant.fixed_text()
    assert tenant.check({MAIN: tenant.fixed_text()}).findings == ()


def test_a_template_of_one_value_becomes_the_value() -> None:
    for given, meant in (("'{{ company.city }}'", "company.city"), ("{{company.name}}", "company.name")):
        tenant = example(f"zip: {given}\n")
        after = tenant.fixed_text()
        assert f"zip: {meant}\n" in after
        assert tenant.check({MAIN: after}).findings == ()


def test_typos_in_one_place_are_fixed_one_after_the_other() -> None:
    tenant = Tenant(example("city: company.city\n").text.replace("events: [", "evnts: [").replace("updated", "updatd"))
    assert "evnts" in tenant.text
    assert "updatd" in tenant.text
    result = tenant.fixed()
    assert tenant.check(result.texts).findings == ()
    assert len(result.findings) == 2


def test_a_chain_that_does_not_end_well_changes_nothing() -> None:
    tenant = Tenant(example("city: company.city\n").text.replace("events: [", "evnts: [").replace("updated", "qqqqq"))
    assert tenant.fixed().texts == {}


def test_fixes_have_no_brackets_that_the_grammar_does_not_need() -> None:
    tenant = example("city: company.city | lower | lower | trim\nzip: (company.city | trim | trim) ?? 'x'\n")
    after = tenant.fixed_text()
    assert "city: company.city | lower | trim\n" in after
    assert "zip: (company.city | trim) ?? 'x'\n" in after
