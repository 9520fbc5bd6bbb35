"""Expressions of a plan read as a tenant would write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from language.random_mappings import conditions, expressions
from queast_compiler.diff.placeless import meaning
from queast_compiler.diff.wording import expression_text, scalar_text
from queast_compiler.passes.expressions import compile_condition, compile_expression, compile_template, environment
from queast_compiler.plan import ir
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.source import SourceFile, SourceText, Span

COMPANY = environment("company", {}, frozenset())
SIGNAL = environment("signal", {}, frozenset())


def source(text: str) -> SourceText:
    file = SourceFile("a.yaml", text)
    return SourceText(text, Span(file, 0, len(text)))


def compiled(text: str) -> ir.Expr | None:
    typed = compile_expression(source(text), COMPANY, Diagnostics())
    return None if typed is None else typed.ir


@pytest.mark.parametrize(
    "text",
    [
        "company.name",
        "company.domain ?? (company.website_url | domain)",
        "company.name | trim | upper",
        "if(company.employee_count > 10, 'big', 'small')",
        "case(company.country, 'NO' = 1, 'SE' = 2, else = 3)",
        "company.technologies[0]",
        "concat(company.name, company.id)",
        "(company.employee_count ?? 0) * 2 - 1.5",
        "not (company.city == 'Oslo' or is_null(company.city))",
        "company.city not in ['Oslo', 'it\\'s']",
        "-(company.revenue ?? 1)",
    ],
)
def test_an_expression_reads_as_it_was_written(text: str) -> None:
    found = compiled(text)
    assert found is not None
    assert expression_text(found) == text


@pytest.mark.parametrize(
    "text",
    [
        "<b>{{ signal.title }}</b>",
        "{% if signal.summary %}<p>{{ signal.summary }}</p>{% else %}-{% endif %}",
        "{% if signal.score > 50 %}high{% elif signal.score > 10 %}middle{% endif %}!",
        "{{ signal.occurred_at }} {{ signal.title | upper }}",
    ],
)
def test_a_template_reads_as_it_was_written(text: str) -> None:
    typed = compile_template(source(text), SIGNAL, Diagnostics(), "html")
    assert typed is not None
    # `{% if x %}` asks whether there is an x.
    assert expression_text(typed.ir).replace("is_present(signal.summary)", "signal.summary") == text


@given(expressions("company", "str"))
@settings(max_examples=150, deadline=None)
def test_the_text_of_an_expression_means_the_same_again(text: str) -> None:
    found = compiled(text)
    if found is not None:
        again = compiled(expression_text(found))
        assert again is not None
        assert meaning(again) == meaning(found)


@given(conditions("company"))
@settings(max_examples=100, deadline=None)
def test_the_text_of_a_condition_means_the_same_again(text: str) -> None:
    typed = compile_condition(source(text), COMPANY, Diagnostics())
    if typed is not None:
        again = compile_condition(source(expression_text(typed.ir)), COMPANY, Diagnostics())
        assert again is not None
        assert meaning(again.ir) == meaning(typed.ir)


def test_numbers_have_no_exponent_and_texts_their_quotes() -> None:
    said = [scalar_text(each) for each in (1e-9, 1e21, 0.95, 2**70, True, None, "a'b\\c\n")]
    assert said == [
        *("0.000000001", "1000000000000000000000", "0.95", str(2**70), "true", "null", "'a\\'b\\\\c\\n'"),
    ]
