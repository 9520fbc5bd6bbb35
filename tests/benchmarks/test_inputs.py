"""What the benchmarks feed in is sound, and as large as they say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.benchmarks import many_tenants
from tests.benchmarks.company_names import queries, records
from tests.benchmarks.dense_mapping import write_dense

from queast_compiler.pipeline import compile_tenant
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import load_connector, load_tenant


def test_a_mapping_as_large_as_a_file_may_be_is_compiled_whole(tmp_path: Path) -> None:
    count = write_dense(tmp_path, 64 * 1024)
    diagnostics = Diagnostics()
    documents = load_tenant(tmp_path, "dense", diagnostics)
    compiled = compile_tenant(
        documents, diagnostics, today=date(2026, 1, 31), connectors=lambda name: load_connector(name, diagnostics)
    )
    assert [finding.code for finding in diagnostics.findings] == ["QM450"]
    (plan,) = compiled.mappings
    assert count > 600
    assert (
        sum(route.when is not None for route in plan.routes)
        + sum(
            len(route.body.entries)
            for route in plan.routes
            if route.body is not None and hasattr(route.body, "entries")
        )
        == count
    )


def test_each_of_many_tenants_has_plans_of_its_own(tmp_path: Path) -> None:
    assert many_tenants.write(tmp_path, 3) == {"tenants": 3}
    assert many_tenants.compile_all(tmp_path, 3)["mappings"] == 9
    plans = {path.name for path in tmp_path.glob("releases/*/plans/*")}
    assert len(plans) == 3 * 6
    assert many_tenants.load_all(tmp_path, 3)["mappings"] == 9


def test_made_up_companies_are_the_same_each_time_and_a_third_of_the_queries_are_of_none_of_them() -> None:
    known = list(records(3000))
    assert known == list(records(3000))
    assert len({each.id for each in known}) == 3000
    names = {each.name for each in known}
    assert len(names) > 2900
    asked = queries(known, 300)
    assert asked == queries(known, 300)
    assert sum(each.name in names for each in asked) >= 100
    assert sum(each.name in names for each in asked[2::3]) <= 5
