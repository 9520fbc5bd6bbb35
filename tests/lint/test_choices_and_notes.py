"""Where the rules about choices and notes speak, and where they are silent."""

from __future__ import annotations

import pytest

from example_frame import findings_of


def codes(example: str) -> list[str]:
    return [finding.code for finding in findings_of(example)]


@pytest.mark.parametrize(
    "template",
    [
        "{% if company.employee_count > 9 %}a{% elif company.employee_count > 99 %}b{% endif %}{{ company.name }}",
        "{% if company.city %}{% if company.domain %}a{% elif company.domain == 'x.no' %}b{% endif %}{% endif %}",
        "{% for x in company.technologies %}{{ x }}{% if company.city %}a{% elif company.city == 'b' %}b{% endif %}"
        "{% endfor %}",
    ],
)
def test_a_branch_of_a_template_that_is_never_reached_is_told(template: str) -> None:
    assert codes(f'city: {{template: "{template}"}}') == ["QM840"]


def test_each_condition_that_is_never_reached_is_told_once_with_the_one_that_covers_it() -> None:
    chain = "if(company.domain, 'a', if(company.domain == 'x', 'b', if(company.domain == 'y', 'c', 'd')))"
    first, second = findings_of(f"city: {chain}")
    assert (first.code, second.code) == ("QM840", "QM840")
    assert [note.message for note in first.notes] == ["it holds whenever the other does"]
    assert first.span is not None
    assert first.span.file.text[first.span.start : first.span.end] == "company.domain == 'x'"


def test_a_choice_inside_of_a_branch_is_a_choice_of_its_own() -> None:
    assert codes("city: if(company.domain, if(company.city, 'a', company.city), 'b')") == []


BODY = "to: notes\nfields:\n  hs_timestamp: signal.occurred_at\n  hs_note_body: "


@pytest.mark.parametrize(
    "body",
    [
        "signal.source_url ?? signal.title",
        "{template: \"{{ signal.title }} https://queast.example/s/{{ signal.id }}\"}",
        "{template: '{{ signal.title }} {{ company.website_url ?? \"\" }}'}",
        "{const: 'https://queast.example'}",
    ],
)  # fmt: skip
def test_a_note_that_links_somewhere_is_let_be(body: str) -> None:
    assert codes(BODY + body) == []


@pytest.mark.parametrize("body", ["signal.title", "{const: See the portal}", "{template: 'A {{ signal.title }}'}"])
def test_a_note_that_links_nowhere_is_told_at_its_text(body: str) -> None:
    (finding,) = findings_of(BODY + body)
    assert finding.code == "QM841"
    assert finding.span is not None
    assert finding.span.file.text[finding.span.start : finding.span.end] == "hs_note_body"


@pytest.mark.parametrize(
    ("pulled", "found"), [("2026-05-02", []), ("2026-05-01", ["QM842"]), ("2026-02-30", ["QM104"])]
)
def test_an_account_file_is_old_after_thirty_days(pulled: str, found: list[str]) -> None:
    account = f'-- acme/accounts/hubspot-main.json --\n{{"pulled_at": "{pulled}T08:00:00Z"}}\n'
    assert codes(account) == found
