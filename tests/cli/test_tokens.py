"""`qmap tokens mint`, and what the tokens that it prints open."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from example_run import environment, qmap
from queast_runtime.security.keys import token_key
from queast_runtime.security.roles import Caller
from queast_runtime.security.tokens import verify


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder in which acme has a release."""
    (tmp_path / "releases" / "acme").mkdir(parents=True)
    return tmp_path


def test_a_token_says_who_may_do_what_until_when(state: Path) -> None:
    """D5.1"""
    done = qmap("tokens", "mint", "-t", "acme", "--subject", "Ana Berg", "--hours", "2", env=environment(state))
    assert done.returncode == 0, done.stderr
    token = done.stdout.strip()
    assert "Ana Berg may log in as reviewer of acme with it until 20" in done.stderr
    assert token not in done.stderr
    now = datetime.now(UTC)
    passed = verify(token_key(state), token, now=now)
    assert passed.caller == Caller("acme", "reviewer", "Ana Berg")
    assert timedelta(minutes=119) < passed.ends_at - now <= timedelta(hours=2)
    assert (state / "keys" / "tokens.hs256").stat().st_mode & 0o777 == 0o600
    assert (state / "keys").stat().st_mode & 0o777 == 0o700


def test_a_token_comes_as_json_too(state: Path) -> None:
    command = ("tokens", "mint", "-t", "acme", "--subject", "Bo", "--role", "tenant_admin", "--format", "json")
    printed = json.loads(qmap(*command, env=environment(state)).stdout)
    assert {name: printed[name] for name in ("schema_version", "tenant", "role", "subject")} == {
        "schema_version": 1,
        "tenant": "acme",
        "role": "tenant_admin",
        "subject": "Bo",
    }
    claims = printed["token"].split(".")[1]
    said = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert datetime.fromtimestamp(said["exp"], UTC).isoformat().replace("+00:00", "Z") == printed["ends_at"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-t", "acme"], "Missing option '--subject'"),
        (["-t", "nobody", "--subject", "Ana"], "no release of a tenant nobody has been published here"),
        (["-t", "acme", "--subject", "Ana", "--role", "admin"], "no token is made for a role admin"),
        (["-t", "acme", "--subject", "Ana", "--role", "reviewr"], "did you mean"),
        (["-t", "acme", "--subject", "Ana", "--role", "runtime"], "no token is made for a role runtime"),
        (["-t", "acme", "--subject", "Ana", "--hours", "25"], "--hours"),
        (["-t", "acme", "--subject", "Ana", "--hours", "0"], "--hours"),
        (["-t", "acme", "--subject", ""], "no name that can be shown"),
        (["-t", "acme", "--subject", " Ana"], "no name that can be shown"),
        (["-t", "acme", "--subject", "Ana\u202e"], "no name that can be shown"),
        (["-t", "acme", "--subject", "A" * 81], "1 to 80 visible characters"),
    ],
)
def test_wrong_use_ends_with_2_and_prints_no_token(arguments: list[str], says: str, state: Path) -> None:
    done = qmap("tokens", "mint", *arguments, env=environment(state))
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


@pytest.mark.parametrize(
    ("content", "mode", "says"),
    [
        (b"c2hvcnQ=\n", 0o600, "it holds 5 bytes, a key of tokens has 32"),
        (b"!!!", 0o600, "not a key of tokens"),
        (base64.b64encode(bytes(32)), 0o644, "other users may read it"),
    ],
)
def test_a_key_that_cannot_be_used_is_told_of(state: Path, content: bytes, mode: int, says: str) -> None:
    path = state / "keys" / "tokens.hs256"
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(mode)
    done = qmap("tokens", "mint", "-t", "acme", "--subject", "Ana", env=environment(state))
    assert (done.returncode, done.stdout) == (5, "")
    assert says in done.stderr
    assert str(path) in done.stderr
