"""Routes that tests speak of and their mapping does not have: one finding a name, where the mistake is likely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from queast_dsl.diagnostics.fixes import renamed
from queast_dsl.diagnostics.model import Diagnostics, Edit, Fix, Note
from queast_dsl.diagnostics.nearest import did_you_mean, listed, nearest
from queast_dsl.document.cases import CaseFile, Expect
from queast_dsl.document.mapping import Mapping as MappingDocument
from queast_dsl.source import Located


def report_unknown_routes(mapping: MappingDocument, files: Iterable[CaseFile], diagnostics: Diagnostics) -> None:
    """Three tests of `companies`, none of the mapping's only route `companis`  ->  one finding, at the route.

    Where other tests know the near name, or only one place has the other, the finding is at the first of them.
    """
    routes = {each.name.value: each.name for each in mapping.routes}
    mentions: dict[str, list[Located[str]]] = {}
    said = [each for file in files for case in file.tests for each in _routes(case.expect)]
    for each in sorted(said, key=lambda each: (each.span.file.path, each.span.start)):
        mentions.setdefault(each.value, []).append(each)
    meant: dict[str, list[str]] = {}
    for name in (each for each in mentions if each not in routes):
        near = nearest(name, routes)
        if near is not None:
            meant.setdefault(near, []).append(name)
    for name, places in mentions.items():
        if name in routes:
            continue
        near = nearest(name, routes)
        route = None if near is None or near in mentions else routes[near]
        is_own = route is not None and route.span.file == mapping.sources[0]
        if route is not None and is_own and len(places) > 1 and meant[route.value] == [name]:
            _report_at_route(route, places, diagnostics)
        else:
            _report_at_test(mapping, places, routes, route, diagnostics)


def _report_at_route(route: Located[str], places: list[Located[str]], diagnostics: Diagnostics) -> None:
    name = places[0].value
    diagnostics.report(
        "QM572",
        f"no test names the route `{route.value}`: {len(places)} places name `{name}`, which is none",
        route.span,
        help=f"write `{name}` here if this is a slip, or the new name in the tests",
        notes=[Note("the first test that does", places[0].span)],
    )


def _report_at_test(
    mapping: MappingDocument,
    places: list[Located[str]],
    routes: Mapping[str, Located[str]],
    unnamed: Located[str] | None,
    diagnostics: Diagnostics,
) -> None:
    """`unnamed` is the near route where no test names it: then the slip may as well be there."""
    first = places[0]
    fix = renamed(first.span, first.value, routes)
    if fix is not None:
        same_file = (each for each in places if each.span.file == first.span.file)
        fix = Fix(fix.title, tuple(Edit(each.span, fix.edits[0].text) for each in same_file))
    more = f" ({len(places)} places)" if len(places) > 1 else ""
    diagnostics.report(
        "QM572",
        f"mapping `{mapping.name}` has no route `{first.value}`{more}",
        first.span,
        help=did_you_mean(first.value, routes) or (f"routes: {listed(routes)}" if routes else "routes: none"),
        notes=[] if unnamed is None else [Note(f"no test names `{unnamed.value}`", unnamed.span)],
        fix=fix,
    )


def _routes(expect: Expect) -> Iterator[Located[str]]:
    yield from (name for name, _ in expect.routes)
    said = [expect.match.route] if expect.match is not None else []
    said += [each.route for each in expect.sends or ()]
    said += [each.route for each in expect.writes or ()]
    yield from (each for each in said if each is not None)
