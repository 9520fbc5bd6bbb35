"""What `qmap review show --as-test` writes is a test that `qmap test` runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cases.folder import TenantFolder
from queast_runtime.cli.reviews.as_test import test_of as yaml_of
from reviewing.samples import answered, candidate, review


@pytest.mark.parametrize(
    ("choice", "partner_id", "domain", "says"),
    [
        ("link", "881", "nordicdata.no", "1 passed\n"),
        (
            "link",
            "881",
            "another.example.com",
            "h1                     (nothing) waits for a person: only the name agrees",
        ),
        ("reject", None, "another.example.com", "1 passed\n"),
        ("create", None, None, "1 passed\n"),
    ],
)
def test_an_answer_is_a_test_that_runs(
    choice: str, partner_id: str | None, domain: str | None, says: str, tenant: Callable[[str], TenantFolder]
) -> None:
    acme = tenant("acme")
    near = candidate("881", 0.91, domain=domain, city="Oslo")
    case = review(near, answer=answered(choice, partner_id))
    text = yaml_of(case).replace("mapping: acme-crm", "mapping: acme-hubspot")
    (acme.folder / "tests").mkdir()
    (acme.folder / "tests" / "answered.yaml").write_text(text)
    done = acme.run()
    assert "QM" not in done.out
    assert says in done.out
