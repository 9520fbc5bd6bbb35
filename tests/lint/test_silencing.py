"""A comment silences a warning of one code, on its line or the next, with a reason; it never silences an error."""

from __future__ import annotations

import pytest

from example_frame import findings_of
from queast_compiler.lint.silencing import silenced
from queast_dsl.diagnostics.model import Finding, Severity
from queast_dsl.document.mapping import Ignore
from queast_dsl.source import Located, SourceFile, Span

REASON = "shows that nothing else is known"
NULL = "city: company.city ?? null"


@pytest.mark.parametrize(
    "example",
    [
        f"{NULL}  # qmap: ignore QM811 {REASON}",
        f"# qmap: ignore QM811 {REASON}\n{NULL}",
        f"# qmap: ignore QM811 {REASON}\n\n# about the city\n{NULL}",
        f"{NULL}  #qmap:ignore QM811 {REASON}",
        f"city:\n  # qmap: ignore QM811 {REASON}\n  from: company.city ?? null",
    ],
)
def test_a_warning_is_silenced_where_the_comment_says(example: str) -> None:
    assert findings_of(example) == ()


@pytest.mark.parametrize(
    ("example", "codes", "words"),
    [
        (f"{NULL}  # qmap: ignore QM811", ["QM811", "QM880"], "has no reason"),
        (f"{NULL}  # qmap: ignore", ["QM811", "QM880"], "cannot be read"),
        (f"{NULL}  # qmap: silence QM811 {REASON}", ["QM811", "QM880"], "cannot be read"),
        (f"{NULL}  # qmap: ignore QM899 {REASON}", ["QM811", "QM880"], "there is no finding `QM899`"),
        (f"{NULL}  # qmap: ignore QM812 {REASON}", ["QM811", "QM881"], "nothing here is `QM812`"),
        (f"city: company.city  # qmap: ignore QM811 {REASON}", ["QM881"], "nothing here"),
        (f"{NULL}\nzip: company.city  # qmap: ignore QM811 {REASON}", ["QM811", "QM881"], "nothing here"),
        (f"city: company.cty  # qmap: ignore QM211 {REASON}", ["QM211", "QM880"], "errors cannot be silenced"),
    ],
)
def test_a_comment_that_does_not_do_what_it_says_is_a_finding(example: str, codes: list[str], words: str) -> None:
    found = findings_of(example)
    assert sorted(finding.code for finding in found) == codes
    assert any(words in finding.message for finding in found)


BLOCK = """\
city: {{render: place}}
templates:
{above}  place: |{beside}
    a
    http://example.com/{{{{ company.id }}}}
"""


@pytest.mark.parametrize(
    ("above", "beside"), [(f"  # qmap: ignore QM822 {REASON}\n", ""), ("", f"  # qmap: ignore QM822 {REASON}")]
)
def test_a_block_of_text_is_silenced_where_it_begins(above: str, beside: str) -> None:
    assert [finding.code for finding in findings_of(BLOCK.format(above="", beside=""))] == ["QM822"]
    assert findings_of(BLOCK.format(above=above, beside=beside)) == ()


def test_a_comment_before_a_block_says_nothing_of_what_follows_the_block() -> None:
    after = BLOCK.format(above=f"  # qmap: ignore QM802 {REASON}\n", beside="").replace("http:", "https:")
    found = findings_of(f"{after}  other: a {{{{ company.id }}}}\n")
    assert [finding.code for finding in found] == ["QM881", "QM802"]


@pytest.mark.parametrize("pulled", ["2026-05-20", "2026-04-20"])
def test_a_comment_may_wait_for_its_day(pulled: str) -> None:
    comment = f"connection: hubspot-main  # qmap: ignore QM842 {REASON}\n"
    account = f'-- acme/accounts/hubspot-main.json --\n{{"pulled_at": "{pulled}T08:00:00Z"}}\n'
    assert findings_of(comment + account) == ()


def test_a_hash_inside_of_a_text_is_no_comment() -> None:
    assert findings_of("city: {const: 'a # qmap: ignore QM811'}") == ()
    block = "city: {render: note}\ntemplates:\n  note: |\n    {{ company.name }} # qmap: ignore nothing\n"
    assert findings_of(block) == ()


NAMES = """\
-- acme/connections.yaml --
version: 1
connections:
  hubspot-main:
    connector: hubspot
    account: "24512345"
    time_zone: Europe/Oslo
    auth: {{token: secret://hubspot-main}}
    match:
      company:
        order: [link, external_id, domain, name]{beside_order}
        name: {{review: 0.8}}
{above}        corroborate: []{beside}
  warehouse:
    connector: webhook
    url: https://hooks.acme.example/queast
    account: warehouse
    auth: {{signing_secret: secret://warehouse}}
"""


@pytest.mark.parametrize(
    ("above", "beside", "beside_order", "codes"),
    [
        ("", "", "", ["QM468"]),
        ("", f"  # qmap: ignore QM468 {REASON}", "", []),
        (f"        # qmap: ignore QM468 {REASON}\n", "", "", []),
        ("", "", f"  # qmap: ignore QM468 {REASON}", ["QM468", "QM881"]),
        ("", "  # qmap: ignore QM468", "", ["QM468", "QM880"]),
        ("", f"  # qmap: ignore QM617 {REASON}", "", ["QM468", "QM880"]),
    ],
)
def test_a_comment_in_connections_silences_there_and_nowhere_else(
    above: str, beside: str, beside_order: str, codes: list[str]
) -> None:
    example = NAMES.format(above=above, beside=beside, beside_order=beside_order)
    assert sorted(finding.code for finding in findings_of(example)) == codes


def test_a_comment_in_connections_silences_nothing_of_a_mapping() -> None:
    comment = f"  # qmap: ignore QM811 {REASON}"
    found = findings_of(
        NULL + "\n" + NAMES.format(above="", beside="", beside_order=comment).replace(": []", ": [city]")
    )
    assert [finding.code for finding in found] == ["QM881", "QM811"]


def test_a_comment_in_connections_is_not_called_useless_while_an_error_stands_beside_it() -> None:
    comment = f"  # qmap: ignore QM468 {REASON}"
    example = NAMES.format(above="", beside=comment, beside_order="").replace("Europe/Oslo", "Europe/Olso")
    example = example.replace("corroborate: []", "corroborate: [city]")
    assert [finding.code for finding in findings_of(example)] == ["QM612"]


def test_a_comment_behind_another_comment_says_nothing_of_the_next_line() -> None:
    example = f"# about the city # qmap: ignore QM811 {REASON}\n{NULL}"
    assert sorted(finding.code for finding in findings_of(example)) == ["QM811", "QM881"]


def test_the_lines_of_many_comments_and_findings_are_looked_up_once_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 300
    file = SourceFile("a.yaml", "x\n" * count)
    spans = [Span(file, 2 * n, 2 * n + 1) for n in range(count)]
    ignores = [Ignore(Located("QM811", span), REASON, n + 1, n + 1, span) for n, span in enumerate(spans)]
    findings = [Finding("QM811", Severity.WARNING, "a", span) for span in spans]
    looked_up: list[int] = []
    position = SourceFile.position
    monkeypatch.setattr(SourceFile, "position", lambda file, at: looked_up.append(at) or position(file, at))
    assert silenced(ignores, findings, all_ran=True) == ()
    assert len(looked_up) <= 2 * count
