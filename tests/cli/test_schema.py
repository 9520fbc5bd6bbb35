"""`qmap schema`: what it prints, what it leaves in a tenant's folder, and what it leaves alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from example_run import environment, qmap
from queast_compiler.editor import document_names
from queast_runtime.cli import schema
from queast_runtime.cli.exits import CommandError, Exit

EXAMPLES = Path(__file__).parents[2] / "mappings"
LINE = b"# yaml-language-server: $schema=.qmap-schemas/hubspot-main.schema.json\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLES, tmp_path / "mappings", ignore=shutil.ignore_patterns("events"))
    return tmp_path / "mappings"


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_mappings_schema_is_printed_and_nothing_written(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(root)
    schema.run("acme-hubspot", root, False)
    printed = json.loads(capsys.readouterr().out)
    assert printed["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert printed["properties"]["connection"]["enum"] == ["hubspot-main"]
    assert files(root) == before


def test_the_schemas_of_all_documents_are_printed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema.run(None, root, False)
    printed = json.loads(capsys.readouterr().out)
    assert printed["schema_version"] == 1
    assert tuple(printed["schemas"]) == document_names()


def test_write_leaves_a_schema_beside_the_mapping_and_a_line_at_its_head(root: Path) -> None:
    before = files(root)
    schema.run("acme-hubspot", root, True)
    after = files(root)
    assert set(after) - set(before) == {"acme/.qmap-schemas/hubspot-main.schema.json"}
    assert {name for name in before if before[name] != after[name]} == {"acme/acme-hubspot.yaml"}
    assert after["acme/acme-hubspot.yaml"] == LINE + before["acme/acme-hubspot.yaml"]
    assert (root / "acme/acme-hubspot.yaml").stat().st_mode == (EXAMPLES / "acme/acme-hubspot.yaml").stat().st_mode


def test_writing_again_changes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema.run("acme-hubspot", root, True)
    before, stamp = files(root), (root / "acme/acme-hubspot.yaml").stat().st_mtime_ns
    capsys.readouterr()
    schema.run("acme/acme-hubspot", root, True)
    assert files(root) == before
    assert (root / "acme/acme-hubspot.yaml").stat().st_mtime_ns == stamp
    said = capsys.readouterr().err
    assert "up to date" in said
    assert "points to it" in said


def test_the_line_is_a_comment_to_lint(root: Path, tmp_path: Path) -> None:
    schema.run("acme-hubspot", root, True)
    schema.run(None, root, True)
    done = qmap("-C", str(tmp_path), "lint", env=environment(tmp_path / "state"))
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"version: 1\r\nconnection: hubspot-main\r\n", LINE.replace(b"\n", b"\r\n")),
        (b"\xef\xbb\xbfversion: 1\nconnection: hubspot-main\n", LINE),
        (b"---\nconnection: hubspot-main\n", LINE),
        (b"# ours\nconnection: hubspot-main", LINE),
    ],
    ids=["windows lines", "byte order mark", "document mark", "comment, no last line break"],
)
def test_the_rest_of_the_file_stays_as_it_was(root: Path, written: bytes, expected: bytes) -> None:
    file = root / "acme" / "new.yaml"
    file.write_bytes(written)
    schema.run("new", root, True)
    mark = b"\xef\xbb\xbf"
    kept = mark if written.startswith(mark) else b""
    assert file.read_bytes() == kept + expected + written.removeprefix(mark)


def test_a_line_that_is_there_already_is_kept(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = root / "acme" / "acme-hubspot.yaml"
    own = b"# ours\n# yaml-language-server: $schema=../mine.json\n" + file.read_bytes()
    file.write_bytes(own)
    schema.run("acme-hubspot", root, True)
    assert file.read_bytes() == own
    assert "has a line of its own, kept" in capsys.readouterr().err


def test_an_unfinished_mapping_gets_its_schema(root: Path) -> None:
    file = root / "acme" / "new.yaml"
    file.write_text("connection: hubspot-main\nroutes:\n  x:\n    to: nowhere\n    fields:\n", encoding="utf-8")
    schema.run("new", root, True)
    assert file.read_bytes().startswith(LINE)


def test_the_only_connection_is_taken_where_the_mapping_names_none(root: Path) -> None:
    (root / "acme" / "new.yaml").write_text("version: 1\n", encoding="utf-8")
    schema.run("new", root, True)
    assert (root / "acme" / ".qmap-schemas" / "hubspot-main.schema.json").is_file()


@pytest.mark.parametrize("linked", ["acme", "acme/acme-hubspot.yaml", "acme/.qmap-schemas", "acme/.qmap-schemas/x"])
def test_links_are_not_followed(root: Path, tmp_path: Path, linked: str) -> None:
    place = root / linked.replace("/x", "/hubspot-main.schema.json")
    outside = tmp_path / "outside"
    place.parent.mkdir(exist_ok=True)
    if place.exists():
        place.rename(outside)
    elif place.suffix:
        outside.write_text("{}", encoding="utf-8")
    else:
        outside.mkdir()
    place.symlink_to(outside)
    before = files(tmp_path)
    with pytest.raises((CommandError, SystemExit)) as refused:
        schema.run("acme/acme-hubspot", root, True)
    assert isinstance(refused.value, SystemExit) or refused.value.code in (Exit.REFUSED, Exit.USAGE)
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("acme/new.yaml", "connection: hubspot-mian\n", "there is no connection hubspot-mian"),
        ("acme/new.yaml", "a: [", "QM0"),
        ("acme/connections.yaml", "version: 1\nconnections: {new: {}}\n", "QM1"),
        ("acme/accounts/hubspot-main.json", "{", "accounts/hubspot-main.json"),
    ],
)
def test_what_the_schema_would_be_made_of_has_to_be_sound(
    root: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, said: str
) -> None:
    (root / "acme" / "new.yaml").write_text("connection: hubspot-main\n", encoding="utf-8")
    (root / file).write_text(text, encoding="utf-8")
    with pytest.raises((CommandError, SystemExit)) as ended:
        schema.run("new", root, True)
    code = ended.value.code
    assert code == Exit.FINDINGS
    assert said in capsys.readouterr().out + str(ended.value)
    assert not (root / "acme" / ".qmap-schemas").exists()


@pytest.mark.parametrize(
    ("name", "said"), [("acme-hubspto", "acme-hubspot"), ("nordlys/acme-hubspot", "no mapping is called")]
)
def test_a_mapping_that_is_not_there_is_wrong_use(root: Path, name: str, said: str) -> None:
    with pytest.raises(CommandError) as wrong:
        schema.run(name, root, False)
    assert wrong.value.code == Exit.USAGE
    assert said in f"{wrong.value} {wrong.value.help}"


def test_one_name_in_two_tenants_has_to_be_told_apart(root: Path) -> None:
    (root / "nordlys" / "acme-hubspot.yaml").write_text("connection: pipedrive-main\n", encoding="utf-8")
    with pytest.raises(CommandError, match="several tenants have a mapping acme-hubspot"):
        schema.run("acme-hubspot", root, False)
    schema.run("nordlys/acme-hubspot", root, True)
    assert (root / "nordlys" / ".qmap-schemas" / "pipedrive-main.schema.json").is_file()


def test_half_of_a_sign_in_an_accounts_label_is_written_as_json_writes_it(root: Path) -> None:
    """A vendor's label may hold one; text of it cannot be encoded."""
    account = root / "acme/accounts/hubspot-main.json"
    held = json.loads(account.read_text(encoding="utf-8"))
    properties = held["objects"]["companies"]["properties"]
    properties[next(iter(properties))]["label"] = "half \ud800 of it"
    account.write_text(json.dumps(held), encoding="utf-8")
    env = environment(root.parent)
    printed = qmap("schema", "acme-hubspot", "--root", str(root), env=env)
    assert printed.returncode == 0, printed.stderr
    assert "half \\ud800 of it" in printed.stdout
    assert json.loads(printed.stdout)
    written = qmap("schema", "acme-hubspot", "--root", str(root), "--write", env=env)
    assert written.returncode == 0, written.stderr
    text = (root / "acme/.qmap-schemas/hubspot-main.schema.json").read_text(encoding="utf-8")
    assert text == printed.stdout
