"""What editors are told of the bases is what mappings get from them."""

from __future__ import annotations

from pathlib import Path

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading.bases import shipped_bases
from queast_dsl.loading.compose import compose
from queast_dsl.loading.draft import connection_of, drafts
from queast_dsl.loading.nodes import MapNode
from queast_dsl.loading.source import read_source
from queast_dsl.loading.tree import read_tree


def test_a_bases_routes_are_those_of_a_mapping_that_adds_nothing() -> None:
    assert [base.name for base in shipped_bases()] == ["base/hubspot@1"]
    for base in shipped_bases():
        diagnostics = Diagnostics()
        source = read_source("m.yaml", f"connection: x\nextends: {base.name}\n".encode(), diagnostics)
        assert source is not None
        root = read_tree(source, diagnostics)
        assert isinstance(root, MapNode)
        merged = compose(root, diagnostics)
        assert merged is not None, diagnostics.findings
        routes = merged.root.get("routes")
        assert isinstance(routes, MapNode)
        assert routes.keys == tuple(route.name for route in base.routes)
        assert set(base.keys) | {"connection", "extends"} == set(merged.root.keys)


def test_what_a_route_lends_is_told_with_the_fields_that_have_a_value() -> None:
    companies, notes = shipped_bases()[0].routes
    assert companies.lent == {"entity": "company", "to": "companies"}
    assert notes.lent == {"entity": "signal", "to": "notes"}
    assert {"name", "domain", "industry"} <= set(companies.fields)
    assert {"entity", "events", "to", "fields"} <= set(companies.keys)


def test_an_unfinished_mapping_says_which_connection_it_is_for(tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    folder.mkdir()
    for name, text in {"connections": "", "whole": "connection: main\nroutes:\n  x:\n", "none": "version: 1\n"}.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert drafts(tmp_path, "acme") == ("none", "whole")
    diagnostics = Diagnostics()
    found = connection_of(tmp_path, "acme", "whole", diagnostics)
    assert found is not None
    assert found.value == "main"
    assert connection_of(tmp_path, "acme", "none", diagnostics) is None
    assert diagnostics.findings == ()
    (folder / "broken.yaml").write_text("a: [", encoding="utf-8")
    assert connection_of(tmp_path, "acme", "broken", diagnostics) is None
    assert diagnostics.has_errors
