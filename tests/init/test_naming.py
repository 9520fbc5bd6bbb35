"""What a tenant is called where nobody says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queast_runtime.cli.init.naming import is_name, tenant_name


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("globex", "globex"),
        ("Nordic Data_AS", "nordic-data-as"),
        ("2024 crm--sync", "crm-sync"),
        ("Blåbær", "blaabaer"),
        ("Ærø Data_AS (2)", "aeroe-data-as-2"),
        ("Mu\u0308ller & So\u0308hne Stra\u00dfe", "mueller-soehne-strasse"),
        ("Łódź Café", "lodz-cafe"),
        ("a" * 80, "a" * 63),
        ("a" * 62 + "-b", "a" * 62),
        ("日本", None),
        ("12", None),
        ("", None),
    ],
)
def test_a_folder_lends_the_tenant_its_name(folder: str, name: str | None) -> None:
    assert tenant_name(folder) == name


@given(st.text())
def test_what_comes_of_any_folder_can_name_a_tenant_or_is_nothing(folder: str) -> None:
    name = tenant_name(folder)
    assert name is None or is_name(name)
