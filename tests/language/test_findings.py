"""Each mistake in an expression or template gives one finding, with its place and a way out."""

from __future__ import annotations

import pytest

from language_case import compiled, source_text
from queast_compiler.passes.expressions import Destination, compile_template, environment, forms
from queast_dsl.diagnostics.codes import expressions, templates
from queast_dsl.diagnostics.model import Diagnostics, Severity
from queast_dsl.diagnostics.nearest import nearest
from queast_dsl.diagnostics.shortening import with_values_cut
from queast_dsl.source import SourceFile, SourceText, Span


def test_the_unknown_field_of_the_page():
    outcome = compiled("company.employe_count", entity="company")
    assert outcome.only.code == "QM211"
    assert outcome.only.message == "`company` has no field `employe_count`"
    assert outcome.only.help == "did you mean `company.employee_count`?  all fields: qmap fields company"
    assert outcome.marked == "employe_count"


# text, code, what the caret marks, a part of the help
_MISTAKES = [
    ("company.name ??", "QM201", "?", "add a value"),
    ("- " * 40 + "1", "QM202", "- " * 40 + "1", "split it"),
    ("compny.name", "QM210", "compny", "did you mean `company`?"),
    ("domain", "QM210", "domain", "did you mean `company.domain`?"),
    ("company.title", "QM211", "title", "did you mean `signal.title`?"),
    ("company.address.zip", "QM211", "zip", "qmap fields company"),
    ("signal.job_ad.titel", "QM211", "titel", "did you mean `signal.job_ad.title`?  all fields: qmap fields job_ad"),
    ("lowercase(company.name)", "QM212", "lowercase", "did you mean `lower`?"),
    ("company.industry | lookup(industry, else = null)", "QM213", "industry", "did you mean `industries`?"),
    ("company.industry | lookup('x', else = null)", "QM213", "'x'", "tables: `industries`"),
    ("company.technologies.name", "QM214", "name", None),
    ("signal.mentions.field", "QM214", "field", "`signal.mentions[].field`"),
    ("company.name.lower", "QM214", "lower", "value | function"),
    ("company.name[0]", "QM215", "company.name[0]", None),
    ("company.employee_count | lower", "QM220", "company.employee_count", "text(company.employee_count)"),
    ("lower(null)", "QM220", "null", None),
    ("company.founded_on | lower", "QM220", "company.founded_on", "format_date(company.founded_on"),
    ("company.technologies | lower", "QM220", "company.technologies", "join(company.technologies, ', ')"),
    ("add_days(signal.title, 1)", "QM220", "signal.title", "date(signal.title)"),
    ("lookup(signal.score, industries, else = null)", "QM220", "signal.score", "text(signal.score)"),
    ("truncate(company.name)", "QM221", "truncate", "it is truncate(text: str, length: int"),
    ("lower(company.name, 1)", "QM221", "1", "it is lower(text: str)"),
    ("truncate(company.name, 4, length = 3)", "QM221", "length", "it is truncate"),
    ("if(company.domain, 1)", "QM221", "if", "it is if(condition"),
    ("truncate(company.name, lenght = 4)", "QM222", "lenght", "did you mean `length`?"),
    ("lower(company.name, 'a' = 1)", "QM222", "'a'", "only `case`"),
    ("company.name + company.name", "QM223", "company.name", "concat(a, b)"),
    ("-company.name", "QM223", "-company.name", None),
    ("'a' in company.name", "QM223", "company.name", "contains(text, part)"),
    ("company.name < 'b'", "QM223", "company.name", None),
    ("replace(company.name, '', 'b')", "QM233", "replace(company.name, '', 'b')", "it is replace(text: str, old"),
    ("pad_left('a', 999999999)", "QM233", "pad_left('a', 999999999)", None),
    ("pad_left(company.name, 999999999) | lower", "QM233", "pad_left(company.name, 999999999)", None),
    ("bucket(5, 0)", "QM233", "bucket(5, 0)", None),
    ("bucket(company.employee_count, 0)", "QM233", "bucket(company.employee_count, 0)", None),
    ("substring('a', -1)", "QM233", "substring('a', -1)", None),
    ("5 % 0", "QM233", "5 % 0", "other numbers"),
    ("company.employee_count / (2 - 2)", "QM233", "company.employee_count / (2 - 2)", None),
    ("9223372036854775807 + 1", "QM233", "9223372036854775807 + 1", None),
    ("date('2026-W05-6')", "QM233", "date('2026-W05-6')", "it is date(text: str)"),
    ("datetime('2026-01-31')", "QM233", "datetime('2026-01-31')", None),
    ("add_days(company.founded_on, 99999999)", "QM233", "add_days(company.founded_on, 99999999)", None),
    ("split(join(company.technologies), '')", "QM233", "split(join(company.technologies), '')", None),
    ("changed(company)", "QM234", "company", "name a field of it"),
    ("company.industry == 'Software'", "QM224", "'Software'", "did you mean 'software'?"),
    ("company.country in ['NO', 'Sweden']", "QM224", "'Sweden'", "ISO 3166-1"),
    ("company.country in ['NO', 'UK']", "QM224", "'UK'", "did you mean 'GB'?"),
    ("company.country == 'Norway'", "QM224", "'Norway'", "did you mean 'NO'?"),
    ("company.country == 'EU'", "QM224", "'EU'", "ISO 3166-1"),
    ("company.country == 'XX'", "QM224", "'XX'", "ISO 3166-1"),
    ("case(company.country, 'NO' = 1, 'UK' = 2, else = 3)", "QM224", "'UK'", "did you mean 'GB'?"),
    ("signal.amount_currency == 'NOR'", "QM224", "'NOR'", "ISO 4217"),
    ("signal.amount_currency == 'eur'", "QM224", "'eur'", "did you mean 'EUR'?"),
    ("signal.occurred_at > '2026-01-01'", "QM224", "'2026-01-01'", "datetime('2026-01-01')"),
    ("company.founded_on > '2026-01-01'", "QM224", "'2026-01-01'", "date('2026-01-01')"),
    ("signal.score > '60'", "QM224", "'60'", "without quotes"),
    ("signal.strictness == 'strickt'", "QM224", "'strickt'", "did you mean 'strict'?"),
    ("case(company.industry, 'bankng' = 1)", "QM224", "'bankng'", "did you mean 'banking'?"),
    ("company.domain == null", "QM225", "company.domain == null", "is_null(company.domain)"),
    ("null != company.domain", "QM225", "null != company.domain", "is_present(company.domain)"),
    ("if(company.domain, 1, 'a')", "QM226", "'a'", "one type"),
    ("company.employee_count ?? ''", "QM226", "''", "text(company.employee_count)"),
    ("['a', 1]", "QM226", "['a', 1]", "one type"),
    ("is_null(company.name)", "QM227", "is_null(company.name)", "remove"),
    ("if(company.name, 1, 2)", "QM227", "company.name", "compare it"),
    ("company.name ?? 'x'", "QM228", "'x'", "remove `?? 'x'`"),
    ("case(signal.state, 'active' = 1, 'cooled_off' = 2, 'suppressed' = 3, else=4)", "QM228", "4", "remove the `else`"),
    (
        "lookup(case(company.city, 'a' = 'software', else = 'banking'), industries, else = 'z')",
        "QM228",
        "'z'",
        "the `else`",
    ),
    (
        "lookup(if(company.city, if(signal.score > 1, 'software', 'banking'), null), industries, else = 'z')",
        "QM228",
        "'z'",
        "`?? …` behind the lookup",
    ),
    ("default(company.name, company.city)", "QM228", "company.city", None),
    ("company.industry | lookup(industries)", "QM229", "industries", "lookup(industries, else = null)"),
    ("case(company.country, 'NO' = 1, 'NO' = 2)", "QM230", "'NO'", "remove"),
    ("company.founded_on | format_date('dd')", "QM232", "'dd'", "YYYY"),
    ("company.founded_on | format_date(company.name)", "QM232", "company.name", None),
    ("signal.mentions[0].person_id", "QM240", "signal.mentions[0].person_id", "cannot be granted"),
]


@pytest.mark.parametrize(("text", "code", "marked", "help_part"), _MISTAKES, ids=lambda each: str(each)[:50])
def test_one_mistake_gives_one_finding(text, code, marked, help_part):
    outcome = compiled(text)
    assert outcome.codes == [code]
    assert outcome.marked == marked
    assert help_part is None or help_part in (outcome.only.help or "")
    assert not outcome.only.message.endswith(".")


@pytest.mark.parametrize("around", ["{} | lower | upper", "{} + 1", "{} ?? 'x'", "not {}", "if({}, 1, 2)", "{} == 'a'"])
def test_an_unknown_field_silences_what_follows(around):
    assert compiled(around.format("company.nmae")).codes == ["QM211"]


def test_two_mistakes_give_two_findings():
    assert compiled("concat(company.nmae, compny.name)").codes == ["QM211", "QM210"]


def test_the_rows_of_a_table_are_looked_at_once_however_often_it_is_asked(monkeypatch):
    asked = []
    monkeypatch.setattr(forms, "nearest", lambda name, known: asked.append(name) or nearest(name, known))
    lookups = ", ".join("company.industry | lookup(t, else = '-')" for _ in range(10))
    outcome = compiled(f"concat({lookups})", tables={"t": {"sofware": "X", "bankin": "Y"}})
    assert outcome.codes == ["QM231", "QM231"]
    assert asked == ["sofware", "bankin"]


def test_a_misspelt_table_row_is_a_warning_at_the_row():
    outcome = compiled("company.industry | lookup(t, else = null)", tables={"t": {"sofware": "X"}})
    assert outcome.only.code == "QM231"
    assert outcome.only.severity is Severity.WARNING
    assert outcome.only.help == "did you mean `software`?"
    assert outcome.typed is not None


@pytest.mark.parametrize(
    ("text", "options", "help_"),
    [
        ("Software", (), "to send this text: `industry: {const: Software}`"),
        ("Computer Software", (), "to send this text: `industry: {const: Computer Software}`"),
        ("BANKING", ("BANKING",), "to send this text: `industry: {const: BANKING}`"),
        (
            "Software",
            ("BANKING", "COMPUTER_SOFTWARE"),
            "to send a text: `industry: {const: COMPUTER_SOFTWARE}`; `Software` is no option of `industry`",
        ),
        ("anna@acme.example", (), "to send this text: `industry: {const: anna@acme.example}`"),
    ],
)
def test_a_bare_word_is_taken_for_the_text_it_is(text, options, help_):
    outcome = compiled(text, destination=Destination("industry", "enumeration", options))
    assert outcome.only.code == "QM203"
    assert outcome.only.message == f"`{text}` is not a Queast field"
    assert outcome.only.help == help_
    assert outcome.marked == text


def test_a_person_path_needs_a_grant():
    """D6.3"""
    assert compiled("person.email", entity="person").only.code == "QM240"
    assert compiled("person.email", entity="person", granted=("person.phone",)).only.code == "QM240"
    assert compiled("person.email", entity="person", granted=("person.email",)).findings == ()
    assert compiled("person.id", entity="person").findings == ()


@pytest.mark.parametrize(
    "text", ["if(person.email, 1, 2)", "concat('a', person.full_name)", "is_present(person.phone)", "person.job_title"]
)
def test_a_person_path_needs_a_grant_also_where_it_only_decides(text):
    """D6.3"""
    assert compiled(text, entity="person").codes == ["QM240"]


def test_a_named_declassifier_needs_no_grant_and_lowers_the_label():
    """D6.3"""
    assert compiled("email_domain(person.email)", entity="person").good().labels == frozenset()
    assert compiled("lower(person.email)", entity="person").codes == ["QM240"]


def test_a_whole_person_is_one_finding_that_names_what_is_in_it():
    message = compiled("person", entity="person").only.message
    assert "`person.email`" in message


@pytest.mark.parametrize(
    ("text", "code", "marked"),
    [
        ("{{ signal.summary }}", "QM271", "signal.summary"),
        ("{{ signal.score }}", "QM271", "signal.score"),
        ("{{ company.technologies ?? [] }}", "QM272", "company.technologies ?? []"),
        ("<a href={{ signal.title }}>", "QM273", "signal.title"),
        ("{% for company in signal.tags %}{% endfor %}", "QM274", "company"),
        ("{% for x in signal.title %}{% endfor %}", "QM215", "signal.title"),
        (
            "{% for a in ['x'] %}{% for b in ['x'] %}{% for c in ['x'] %}{{ c }}{% endfor %}{% endfor %}{% endfor %}",
            "QM275",
            "c",
        ),
        ("a {% if signal.summary %} b", "QM270", "{% if signal.summary %}"),
        ("a {% endif %}", "QM270", "{% endif %}"),
        ("a {% else %}", "QM270", "{% else %}"),
        ("{% while a %}", "QM270", "{% while a %}"),
        ("{{ signal.title", "QM270", "{{"),
        ("{{ }}", "QM270", "{{"),
        ("{%- if signal.summary %}{% endif %}", "QM270", "{%- if signal.summary %}"),
        ("x\n y {{ company.nmae }}", "QM211", "nmae"),
        ("{{ signal.title | }}", "QM201", "|"),
        ("{% if signal.title %}{% endif %}", "QM227", "signal.title"),
    ],
)
def test_a_mistake_in_a_template_is_one_finding(text, code, marked):
    outcome = compiled(text, kind="html")
    assert outcome.codes == [code]
    assert outcome.marked == marked


def test_the_help_for_a_possible_null_shows_the_fix_and_the_fix_compiles():
    assert "`{{ signal.summary ?? '' }}`" in (compiled("{{ signal.summary }}", kind="html").only.help or "")
    assert "text(signal.score) ?? ''" in (compiled("{{ signal.score }}", kind="html").only.help or "")
    compiled("{{ signal.summary ?? '' }}{{ text(signal.score) ?? '' }}", kind="html").good()


def test_a_place_in_a_block_scalar_is_a_place_in_the_file():
    yaml = "t: |\n    ab\n    {{ company.nmae }}\n"
    file = SourceFile("m.yaml", yaml)
    shown = (*range(9, 12), *range(16, len(yaml)))
    text = "".join(yaml[index] for index in shown)
    assert text == "ab\n{{ company.nmae }}\n"
    source = SourceText(text, Span(file, 9, len(yaml)), (*shown, len(yaml)))
    diagnostics = Diagnostics()
    compile_template(source, environment("company", {}, frozenset()), diagnostics, "html")
    (finding,) = diagnostics
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == (3, 16)
    assert yaml[finding.span.start : finding.span.end] == "nmae"


def test_every_code_of_the_language_has_a_case_here():
    tested = {code for _, code, _, _ in _MISTAKES} | {
        "QM203",
        "QM231",
        "QM235",
        "QM270",
        "QM271",
        "QM272",
        "QM273",
        "QM274",
        "QM275",
    }
    assert {code.code for code in (*expressions.CODES, *templates.CODES)} == tested


def test_source_text_helper_stands_at_the_start_of_its_file():
    assert source_text("a").at(0, 1).line == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("case(signal.state, 'active' = 1, 'cooled_off' = 2, 'suppressed' = 3, else=4)", "'suppressed' = 3)"),
        ("if(company.city, 'software', 'banking') | lookup(industries, else = 'z')", "| lookup(industries)"),
    ],
)
def test_an_else_that_nothing_reaches_is_cut_out_with_its_comma(before, after):
    fix = compiled(before).only.fix
    assert fix is not None
    (edit,) = fix.edits
    written = edit.span.file.text[: edit.span.start] + edit.text + edit.span.file.text[edit.span.end :]
    assert written.endswith(after)
    assert compiled(written).findings == ()


@pytest.mark.parametrize(
    "text",
    [
        "case(signal.state, 'active' = 1, 'cooled_off' = 2, else = 4)",
        "case(if(company.city, signal.state, null), 'active' = 1, 'cooled_off' = 2, 'suppressed' = 3, else = 4)",
        "lookup(company.industry, industries, else = 'z')",
        "lookup(if(company.city, if(signal.score > 1, 'software', 'banking'), null), industries) ?? 'z'",
    ],
)
def test_an_else_that_something_reaches_stays(text):
    assert compiled(text).findings == ()


def test_a_row_whose_key_is_no_country_is_told_with_the_code_that_was_meant():
    rows = {"NO": "a", "UK": "b", "EU": "c", "XK": "d"}
    outcome = compiled("lookup(company.country, t, else = null)", tables={"t": rows})
    assert {(finding.code, finding.message, finding.help) for finding in outcome.findings} == {
        ("QM231", "row `UK` of table `t` is never used", "did you mean `GB`?"),
        ("QM231", "row `EU` of table `t` is never used", "countries are ISO 3166-1 alpha-2 codes such as 'NO'"),
    }


def test_a_long_value_is_cut_where_it_is_quoted_and_nowhere_else() -> None:
    value = "q" * 200_000
    diagnostics = Diagnostics()
    help = f"""to mean the text: "'{value}'"\nor {value} of `{"a b " * 100}`; as long as others' are"""
    diagnostics.report("QM001", f"`{value}` is no mode", None, help=help)
    (finding,) = diagnostics.findings
    assert finding.message == "`" + "q" * 120 + "…` is no mode"
    cut = f"""to mean the text: "'{"q" * 119}…"\nor {"q" * 120}… of `{"a b " * 30}…`; as long as others' are"""
    assert finding.help == cut


def test_what_is_not_long_is_left_as_it_is() -> None:
    text = f"write `{'q' * 120}` and a sentence that goes on and on " + "until it has more than enough words " * 5
    assert with_values_cut(text) == text
