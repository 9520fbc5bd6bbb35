"""Codes QM570-QM579: tests of mappings."""

from __future__ import annotations

from typing import Final

from queast_dsl.diagnostics.model import Code, Severity

_ERROR = Severity.ERROR
_FIRST: Final = "-- acme/tests/main.yaml --\nmapping: main\ntests:\n"


def _test(given: str, expect: str = "{exact: true}") -> str:
    """Return a file of one test."""
    return f"{_FIRST}  - name: a company is told of\n    given: {given}\n    expect: {expect}"


CODES: tuple[Code, ...] = (
    Code(
        "QM570",
        "test of a mapping that does not exist",
        _ERROR,
        (
            "A file of tests names the mapping that it is about, as its file is called without .yaml. The tests "
            "of a mapping that was renamed would otherwise run no more, and nobody would notice."
        ),
        _test("{event: company.created}").replace("mapping: main", "mapping: man"),
        _test("{event: company.created}"),
    ),
    Code(
        "QM571",
        "test of an event that does not exist",
        _ERROR,
        (
            "An event is called by its entity and what happened to it, such as `company.updated`. `qmap fields` "
            "lists the entities."
        ),
        _test("{event: company.update}"),
        _test("{event: company.updated}"),
    ),
    Code(
        "QM572",
        "test of a route that does not exist",
        _ERROR,
        "A test speaks of a mapping's routes by their names. One that was renamed is not tested any more.",
        _test("{event: company.created}", "{routes: {compnies: create}}"),
        _test("{event: company.created}", "{routes: {companies: create}}"),
    ),
    Code(
        "QM573",
        "object or property of a test that does not exist",
        _ERROR,
        (
            "Records and what is expected of them are told by the destination's objects and by their properties, "
            "by name or by label. A property that does not exist is never written, so that expecting its absence "
            "would prove nothing."
        ),
        _test("{event: company.created}", "{never: [citty]}"),
        _test("{event: company.created}", "{never: [city]}"),
    ),
    Code(
        "QM574",
        "field of an event in a test does not fit",
        _ERROR,
        (
            "What an event carries is told by the fields of its entity, each of the type that it has there. The "
            "engine would never read another one. `qmap fields company` lists them."
        ),
        _test("{event: company.created, company: {employees: 3}}"),
        _test("{event: company.created, company: {employee_count: 3}}"),
    ),
    Code(
        "QM575",
        "two tests of one name",
        _ERROR,
        "A test is chosen by its name, and its failure is told by it.",
        _test("{event: company.created}")
        + "\n  - name: a company is told of\n    given: {event: company.updated}\n    expect: {exact: true}",
        _test("{event: company.created}")
        + "\n  - name: a company is told of again\n    given: {event: company.updated}\n    expect: {exact: true}",
    ),
    Code(
        "QM576",
        "test does not say what happens",
        _ERROR,
        (
            "A test gives one event or several, each with the entities that it tells of, or the highlight that a "
            "mapping receives. Only one of the two can set a mapping to work."
        ),
        _test("{companies: [{id: c1}]}"),
        _test("{companies: [{id: c1}], event: company.updated}"),
    ),
)
