"""What expressions and templates mean: types, nulls, labels, and the values they give."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from language_case import COMPANY, JOB_AD, NOW, SIGNAL, compiled, value_of
from queast_dsl.types import BoolType, EnumType, IntType, ListType, NumType, StrType


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("company.domain ?? (company.website_url | domain) | upper", "NORDICDATA.NO"),
        ("company.industry | lookup(industries, else = null)", "COMPUTER_SOFTWARE"),
        ("if(signal.score >= 60, 'hot', 'cold')", "hot"),
        ("case(company.country, 'NO' = 1, 'SE' = 2, else = 0)", 1),
        ("company.employee_count / 7", 20.0),
        ("company.employee_count * 2 - 1", 279),
        ("-company.employee_count", -140),
        ("company.technologies[1]", "sql"),
        ("company.technologies[7]", None),
        ("'python' in company.technologies", True),
        ("company.country not in ['NO']", False),
        ("company.domain", None),
        ("company.domain | lower", None),
        ("company.domain == 'a.no'", None),
        ("is_null(company.domain)", True),
        ("signal.job_ad.title", None),
        ("signal.occurred_at", datetime(2026, 1, 4, tzinfo=UTC)),
        ("company.founded_on | format_date('DD.MM.YYYY')", "01.03.2009"),
        ("days_between(signal.occurred_at, now())", 6),
        ("company.bookmarked and company.employee_count > 5", None),
        ("company.bookmarked or company.employee_count > 5", True),
        ("format_number(company.employee_count, group = ' ')", "140"),
        ("now()", NOW),
        ("[company.domain, company.country, null]", ["NO"]),
        ("[company.domain, company.country][0]", "NO"),
        ("[company.founded_on][0]", date(2009, 3, 1)),
        ("sort([company.name, company.domain, company.city]) | join('/')", "Nordic Data AS"),
    ],
)
def test_an_expression_gives_its_value(text, value):
    assert value_of(compiled(text).good()) == value


def test_an_item_of_a_list_of_objects_is_read_in_its_place():
    data = {"signal": {**SIGNAL, "mentions": [{"field": "title", "start": 0, "end": 2}, {"field": "summary"}]}}
    granted = ("signal.mentions", "signal.mentions.person_id")
    assert value_of(compiled("signal.mentions[1].field", granted=granted).good(), data) == "summary"
    fields = compiled("signal.mentions[].field | join(', ')", granted=granted).good()
    assert value_of(fields, data) == "title, summary"
    assert value_of(compiled("signal.mentions[0].person_id", granted=granted).good(), data) is None
    assert value_of(compiled("signal.mentions[4].field", granted=granted).good(), data) is None


def test_company_stands_for_the_company_of_a_signal():
    typed = compiled("company.name").good()
    assert typed.reads == {"signal.company.name"}
    assert value_of(typed) == "Nordic Data AS"
    assert compiled("company.name", entity="company").good().reads == {"company.name"}


def test_the_company_of_a_person_may_be_missing():
    typed = compiled("company.name", entity="person").good()
    assert typed.nullable
    assert value_of(typed, {"person": {}, "company": {}}) is None
    assert value_of(compiled("if(company, company.name, 'none')", entity="person").good(), {"company": COMPANY}) == (
        "Nordic Data AS"
    )
    assert value_of(compiled("if(company, company.name, 'none')", entity="person").good(), {"company": {}}) == "none"


@pytest.mark.parametrize(
    ("text", "type_", "nullable"),
    [
        ("company.name", StrType(None, 200), False),
        ("company.domain", StrType("hostname", 253), True),
        ("company.employee_count + 1", IntType(), True),
        ("1 / 2", NumType(), False),
        ("'a'", EnumType(("a",)), False),
        ("if(signal.score > 1, 'a', 'b')", EnumType(("a", "b")), False),
        ("company.domain ?? ''", StrType(None, 253), False),
        ("truncate(signal.title, 40)", StrType(None, 40), False),
        ("lookup(signal.title, industries, else = 'X')", EnumType(("COMPUTER_SOFTWARE", "BANKING", "X")), False),
        ("lookup(company.city, industries)", EnumType(("COMPUTER_SOFTWARE", "BANKING")), True),
        ("company.technologies ?? []", ListType(StrType(None, 100)), False),
        ("company.technologies", ListType(StrType(None, 100)), True),
        ("signal.score >= 60", BoolType(), True),
        ("is_blank(company.domain)", BoolType(), False),
        ("first(company.technologies)", StrType(None, 100), True),
        ("case(signal.state, 'active' = 1, 'cooled_off' = 2, 'suppressed' = 3)", IntType(), False),
        ("case(signal.state, 'active' = 1)", IntType(), True),
    ],
)
def test_a_type_and_whether_it_may_be_null(text, type_, nullable):
    typed = compiled(text).good()
    assert (typed.type, typed.nullable) == (type_, nullable)


@pytest.mark.parametrize(
    "text",
    [
        "if(company.domain, company.domain, '')",
        "if(is_present(company.domain), company.domain, '')",
        "if(is_null(company.domain), '', company.domain)",
        "if(not is_null(company.domain), company.domain, '')",
        "if(company.domain == 'a.no', company.domain, '')",
        "if(company.domain and company.city, concat(company.domain, company.city), '')",
        "if(is_null(company.domain) or is_null(company.city), '', concat(company.domain, company.city))",
        "if(signal.job_ad, signal.job_ad.title, '')",
        "if(signal.job_ad.city, concat(signal.job_ad.city, signal.job_ad.title), '')",
        "if(is_blank(company.domain), '', company.domain)",
        "if(company.country in ['NO'], company.country, '')",
        "if(starts_with(company.domain, 'a'), company.domain, '')",
    ],
)
def test_a_condition_narrows_its_branch(text):
    assert not compiled(text).good().nullable


@pytest.mark.parametrize(
    "text",
    [
        "if(company.domain, '', company.domain)",
        "if(company.domain or company.city, company.domain, '')",
        "if(company.employee_count > 5, 1, company.employee_count)",
        "if(signal.job_ad, signal.job_ad.city, '')",
        "if(not company.domain, company.domain, '')",
    ],
)
def test_a_condition_narrows_nothing_that_it_does_not_prove(text):
    assert compiled(text).good().nullable


@pytest.mark.parametrize(
    ("text", "without_score"),
    [
        ("signal.score >= 20 or is_null(signal.score)", True),
        ("signal.score >= 20 or (signal.score ?? 0) == 0", True),
        ("not (signal.score < 20) or is_null(signal.score)", True),
        ("signal.score < 20 and is_present(signal.score)", False),
        ("not (signal.score < 20 and is_present(signal.score))", True),
        ("signal.score < 20 and (signal.score ?? 30) > 20", None),
        ("is_present(signal.score) and signal.score >= 20", False),
        ("is_null(signal.score) or signal.score >= 20", True),
    ],
)
def test_a_null_operand_proves_nothing_to_the_next_one(text, without_score):
    data = {"signal": {key: value for key, value in SIGNAL.items() if key != "score"}}
    assert value_of(compiled(text, kind="condition").good(), data) is without_score


def test_a_condition_on_an_optional_value_asks_whether_it_is_there():
    assert value_of(compiled("company.domain", kind="condition").good()) is False
    assert value_of(compiled("company.country", kind="condition").good()) is True
    assert value_of(compiled("not company.domain", kind="condition").good()) is True


def test_labels_join_through_operators_and_conditions():
    assert compiled("concat(company.name, signal.title)").good().labels == {"public_business", "free_text"}
    assert "free_text" in compiled("if(contains(signal.title, 'a'), 1, 2)").good().labels
    granted = ("person.email",)
    assert compiled("if(person.email, 1, 2)", entity="person", granted=granted).good().labels == {"business_contact"}


_NOTE = """\
<b>{{ signal.title }}</b><br>{{ signal.summary ?? '' }}
{% if signal.job_ad %}<br><a href="{{ signal.job_ad.url }}">{{ signal.job_ad.title }}</a>{% endif %}
"""


def test_the_note_of_the_page():
    typed = compiled(_NOTE, kind="html").good()
    assert typed.type == StrType("html")
    assert value_of(typed) == "<b>Hires &lt;two&gt; engineers</b><br>\n"
    with_ad = {"signal": {**SIGNAL, "job_ad": JOB_AD}}
    assert value_of(typed, with_ad).endswith('\n<br><a href="https://nordicdata.no/j1">Engineer</a>')


@pytest.mark.parametrize(
    ("kind", "text", "result"),
    [
        ("plain", "{{ signal.title }}", "Hires <two> engineers"),
        ("html", "{{ signal.title }}", "Hires &lt;two&gt; engineers"),
        ("markdown", "{{ signal.title }}", "Hires \\<two\\> engineers"),
        ("plain", "{{ company.employee_count ?? 0 }} people", "140 people"),
        ("plain", "{{ signal.occurred_at }}", "2026-01-04T00:00:00Z"),
        ("plain", "{% for t in company.technologies %}[{{ t }}]{% endfor %}", "[python][sql]"),
        ("plain", "{% for t in signal.tags %}[{{ t }}]{% endfor %}-", "-"),
        ("plain", "{% for d in [company.domain, company.country] %}[{{ d }}]{% endfor %}", "[NO]"),
        ("plain", "{% for d in [company.founded_on] %}{{ format_date(d) }}{% endfor %}", "2009-03-01"),
        ("plain", "{% for d in [signal.occurred_at] %}{{ d }}{% endfor %}", "2026-01-04T00:00:00Z"),
        ("plain", "a{# not shown {{ x }} #}b", "ab"),
        ("plain", "{% if company.domain %}d{% elif company.city %}c{% else %}n{% endif %}", "n"),
        ("plain", "a\n{% if company.country %}\nb\n{% endif %}\nc\n", "a\nb\nc"),
        ("plain", "{{ 'a }} b' }}", "a }} b"),
        ("plain", "100 % {sure}", "100 % {sure}"),
        ("html", "<a href=\"{{ company.website_url ?? '' }}\">", '<a href="https://www.nordicdata.no/en">'),
    ],
)
def test_a_template_gives_its_text(kind, text, result):
    assert value_of(compiled(text, kind=kind).good()) == result


def test_a_link_that_would_run_code_leads_nowhere():
    typed = compiled("<a href=\"{{ signal.source_url ?? '' }}\">x</a>", kind="html").good()
    data = {"signal": {**SIGNAL, "source_url": "javascript:alert(1)"}}
    assert value_of(typed, data) == '<a href="#">x</a>'


def test_an_elif_knows_that_the_question_before_was_denied():
    text = "{% if is_null(signal.summary) %}none{% elif length(signal.summary) > 3 %}{{ signal.summary }}{% endif %}"
    compiled(text, kind="plain").good()
