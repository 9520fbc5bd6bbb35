"""Codes QM270-QM299: templates."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code, Severity

CODES: tuple[Code, ...] = (
    Code(
        code="QM270",
        title="a template that cannot be read",
        severity=Severity.ERROR,
        explanation=(
            "The marks `{{ }}`, `{% if %}`, `{% elif %}`, `{% else %}`, `{% endif %}`, `{% for x in list "
            "%}`, `{% endfor %}` and `{# #}` open and close in pairs. A field of an event between single "
            "braces was meant as a value; braces that the text itself opens and closes, as JSON does, are text."
        ),
        bad="city: {template: '{% if company.city %}{{ company.city }}!'}",
        good="city: {template: '{% if company.city %}{{ company.city }}!{% endif %}'}",
    ),
    Code(
        code="QM271",
        title="a value in a template that may be null",
        severity=Severity.ERROR,
        explanation="A template has no blank of its own: say what stands there when the value is missing.",
        bad="city: {template: '{{ company.name }} in {{ company.city }}'}",
        good="city: {template: '{{ company.name }} in {{ company.city ?? \"Norway\" }}'}",
    ),
    Code(
        code="QM272",
        title="a value in a template that has no text form",
        severity=Severity.ERROR,
        explanation="Lists and objects are written out field by field.",
        bad="city: {template: 'With {{ company.technologies ?? [] }}'}",
        good="city:\n  template: 'With {{ join(company.technologies ?? [], \", \") }}'",
    ),
    Code(
        code="QM273",
        title="a value where HTML reads more than text",
        severity=Severity.ERROR,
        explanation=(
            "A value stands between tags or in a quoted attribute that holds plain text or an address. In the name of "
            "a tag or an attribute, without quotes, in an event handler, a style or a script it could mean more than "
            "it says. An address begins with a value, which is checked, or with a whole host. Branches and loops end "
            "where they begin, so that it is known where a value stands."
        ),
        bad=(
            "to: notes\n"
            "fields:\n"
            "  hs_timestamp: signal.occurred_at\n"
            "  hs_note_body:\n"
            "    template: '{% if signal.job_ad %}<a href={{ signal.job_ad.url }}>Read</a>{% endif %}'"
        ),
        good=(
            "to: notes\n"
            "fields:\n"
            "  hs_timestamp: signal.occurred_at\n"
            "  hs_note_body:\n"
            "    template: '{% if signal.job_ad %}<a href=\"{{ signal.job_ad.url }}\">Read</a>{% endif %}'"
        ),
    ),
    Code(
        code="QM274",
        title="a loop name that is taken",
        severity=Severity.ERROR,
        explanation="The name of a loop's items must not hide a root, a function or an outer loop.",
        bad="city: {template: '{% for company in company.technologies %}{{ company }} {% endfor %}'}",
        good="city: {template: '{% for technology in company.technologies %}{{ technology }} {% endfor %}'}",
    ),
    Code(
        code="QM275",
        title="loops nested too deep",
        severity=Severity.ERROR,
        explanation=(
            "Loops stand at most two deep, those of a body and of the templates in it counted together. One value "
            "repeats things at most 10,000 times and a template gives at most 65,536 characters: past that the value "
            "fails when the event comes."
        ),
        bad=(
            "city:\n"
            "  template: |\n"
            "    {% for a in company.technologies %}\n"
            "    {% for b in company.technologies %}\n"
            "    {% for c in company.technologies %}{{ a }}{{ b }}{{ c }} {% endfor %}\n"
            "    {% endfor %}\n"
            "    {% endfor %}"
        ),
        good=(
            "city:\n"
            "  template: |\n"
            "    {% for a in company.technologies %}\n"
            "    {% for b in company.technologies %}{{ a }}{{ b }} {% endfor %}\n"
            "    {% endfor %}"
        ),
    ),
)
