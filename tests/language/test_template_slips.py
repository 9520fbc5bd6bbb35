"""Marks of a template that lack a brace, and words of other languages: refused at their place, with what was meant."""

from __future__ import annotations

import pytest

from queast_dsl.expr.template import TemplateFailure, cut


@pytest.mark.parametrize(
    ("text", "at", "help"),
    [
        ("a { signal.title } b", "{ signal.title }", "write `{{ signal.title }}`"),
        ("a {signal.title}} b", "{signal.title}}", "write `{{ signal.title }}`"),
        ("a ${signal.title} b", "${signal.title}", "write `{{ signal.title }}`"),
        ("{ company.name | upper }", "{ company.name | upper }", "write `{{ company.name | upper }}`"),
        ("{ job_ad.title | default('x') }", "{ job_ad.title | default('x') }", '{{ "{ job_ad.title'),
        ("signal.title }} b", "}}", "{{ '}}' }}"),
        ("{{ signal.title }}}", "}", "{{ '}' }}"),
        ("{{ signal.title }}}}", "}}", "{{ '}}' }}"),
        ("if signal.summary %}a", "%}", "{% … %}"),
        ("{% if a %}{% elseif b %}{% endif %}", "{% elseif b %}", "did you mean `elif`?"),
        ("{% if a %}{% elsif b %}{% endif %}", "{% elsif b %}", "did you mean `elif`?"),
        ("{% for a in b %}{% end %}", "{% end %}", "did you mean `endfor`?"),
        ("{% if a %}{% end %}", "{% end %}", "did you mean `endif`?"),
    ],
)
def test_a_slip_is_refused_at_its_place(text: str, at: str, help: str) -> None:
    with pytest.raises(TemplateFailure) as refused:
        cut(text)
    assert text[refused.value.at.start : refused.value.at.end] == at
    assert refused.value.help is not None
    assert help in refused.value.help


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": {{ signal.id }}}}',
        '{"a": {"b": 1}}',
        "p { width: 50%}",
        "{ name } and {0} and { a.b }",
        "a } b",
        "{{ '}}' }}",
        "{{ '{ signal.title }' }}",
        "a{# { signal.title } }} #}",
        "{% if a %}{ {% endif %}}",
        "{ {{ signal.title }} }",
        "signal.title",
    ],
)
def test_braces_that_text_opens_itself_are_text(text: str) -> None:
    assert cut(text)


def test_what_the_help_says_can_be_written() -> None:
    for text in ("{ signal.title }", "{ signal.title | default('x') }", "a }} b", "b %}"):
        with pytest.raises(TemplateFailure) as refused:
            cut(text)
        _, _, written = (refused.value.help or "").partition("as it stands: " if "title" in text else "as text: ")
        assert cut(written)


def test_a_long_text_of_braces_is_read_in_one_go() -> None:
    assert cut("{ " * 8_000 + "} " * 8_000)
