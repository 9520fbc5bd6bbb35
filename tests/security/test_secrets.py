"""Secrets by tenant and name (D6.7)."""

from __future__ import annotations

from pathlib import Path

import pytest

from queast_runtime.ports import SecretMissing
from queast_runtime.security.secrets import EnvironmentSecrets, secret_variable


def test_a_secret_comes_from_its_tenants_variable() -> None:
    secrets = EnvironmentSecrets({"QMAP_SECRET_ACME__HUBSPOT_MAIN": "s1", "QMAP_SECRET_NORDLYS__HUBSPOT_MAIN": "s2"})
    assert secrets.resolve("acme", "hubspot-main") == "s1"
    assert secrets.resolve("nordlys", "hubspot-main") == "s2"


def test_or_from_its_tenants_file_without_the_line_break(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "warehouse").write_bytes(b"whsec_x\r\n")
    secrets = EnvironmentSecrets({"QMAP_SECRETS_DIR": str(tmp_path)})
    assert secrets.resolve("acme", "warehouse") == "whsec_x"


def test_no_two_names_share_a_variable() -> None:
    names = ["a", "a-b", "a-b-c", "ab", "b", "b-c", "abc", "a1", "a-1b"]
    pairs = [(tenant, name) for tenant in names for name in names if not name.split("-")[-1][0].isdigit()]
    assert len({secret_variable(*pair) for pair in pairs}) == len(set(pairs))


@pytest.mark.parametrize(
    ("tenant", "name"),
    [("acme", "../nordlys/hubspot"), ("acme", "nordlys/hubspot"), ("acme", "a_b"), ("acme", "a--b"), ("acme", "A"),
     ("acme", ""), ("acme", "a\n"), ("../acme", "a"), ("acme--x", "a"), ("", "a"), ("acme", "a.b"),
     ("acme", "/etc/passwd")],
)  # fmt: skip
def test_no_name_leads_to_another_tenants_secret(tmp_path: Path, tenant: str, name: str) -> None:
    (tmp_path / "nordlys").mkdir()
    (tmp_path / "nordlys" / "hubspot").write_text("theirs")
    secrets = EnvironmentSecrets({"QMAP_SECRETS_DIR": str(tmp_path), "QMAP_SECRET_ACME__A_B": "mine"})
    with pytest.raises(SecretMissing, match="is not a name"):
        secrets.resolve(tenant, name)


def test_a_missing_secret_names_what_was_tried(tmp_path: Path) -> None:
    with pytest.raises(SecretMissing, match=r"QMAP_SECRET_ACME__MAIN and .*acme/main"):
        EnvironmentSecrets({"QMAP_SECRETS_DIR": str(tmp_path)}).resolve("acme", "main")
    with pytest.raises(SecretMissing, match=r"QMAP_SECRET_ACME__MAIN \(QMAP_SECRETS_DIR is not set\)"):
        EnvironmentSecrets({}).resolve("acme", "main")


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"x" * 70_000])
def test_a_file_that_holds_no_secret_is_missing_and_not_shown(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "main").write_bytes(content)
    with pytest.raises(SecretMissing) as caught:
        EnvironmentSecrets({"QMAP_SECRETS_DIR": str(tmp_path)}).resolve("acme", "main")
    assert "xxx" not in str(caught.value)
