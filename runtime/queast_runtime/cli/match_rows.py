"""JSON lines of records and of questions with known answers, as `qmap match evaluate` reads them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

import orjson

from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.matching.companies import Company, IndexRow, read_company
from queast_runtime.matching.evaluation import Question
from queast_runtime.matching.keys import domain_key

_LONGEST_LINE = 1 << 20
_FIELDS = ("name", "country", "city", "domain")


@dataclass(frozen=True, slots=True)
class Given:
    """A record or question as it stands in the file; texts, empty where the line has none."""

    id: str
    name: str
    country: str
    city: str
    domain: str | None

    def company(self) -> Company:
        return read_company(self.name, self.country, self.city, self.domain)

    def row(self) -> IndexRow:
        return IndexRow(self.id, self.company())


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it stands in the file, with its answer."""

    given: Given
    gold: str | None
    ignored: frozenset[str]

    def question(self) -> Question:
        return Question(self.given.company(), self.gold, self.ignored, self.gold or self.given.id)


def read_records(file: Path) -> list[Given]:
    """Read lines with `id`, `name` and maybe `country`, `city`, `domain`. Raises CommandError: usage for a file that is
    not there or holds none, findings for the first line that is no record."""
    found: dict[str, Given] = {}
    for number, line in _lines(file):
        given = _given(file, number, line, "id")
        if given.id in found:
            raise _refusal(file, number, f"`id` {_shown(given.id)} was there before", "each record has its own `id`")
        found[given.id] = given
    if not found:
        raise CommandError(Exit.USAGE, f"{file} holds no record", 'a line is such as {"id": "1", "name": "Acme"}')
    return list(found.values())


def read_questions(file: Path, records: Collection[str], without: Collection[str]) -> list[Asked]:
    """Read lines with `qid`, `name` and maybe `country`, `city`, `domain`, `gold`, `ignore`; those whose `kind` is in
    `without` are left out. `gold` and `ignore` name ids of `records`. Raises CommandError as `read_records` does."""
    asked: list[Asked] = []
    for number, line in _lines(file):
        given = _given(file, number, line, "qid")
        gold, ignored = line.get("gold"), line.get("ignore") or []
        if gold is not None and (not isinstance(gold, str) or gold not in records):
            raise _refusal(
                file, number, f"`gold` {_shown(gold)} is no `id` of the records", "write null where no record is right"
            )
        if not isinstance(ignored, list) or not all(isinstance(each, str) for each in ignored):
            raise _refusal(file, number, "`ignore` is no list of ids", 'write such as ["12", "15"], or leave it out')
        if line.get("kind") not in without or line.get("kind") is None:
            asked.append(Asked(given, gold, frozenset(ignored)))
    if not asked:
        raise CommandError(
            Exit.USAGE,
            f"{file} holds no question" + (" of another kind" if without else ""),
            'a line is such as {"qid": "q1", "name": "Acme", "gold": "1"}',
        )
    return asked


def _given(file: Path, number: int, line: dict[str, Any], key: str) -> Given:
    for field in (key, "name"):
        if not isinstance(line.get(field), str) or (field == key and not line[field]):
            raise _refusal(file, number, f"`{field}` is missing or no text", f"each line has `{key}` and `name`")
    texts: dict[str, str] = {}
    for field in _FIELDS:
        value = line.get(field)
        if value is not None and not isinstance(value, str):
            raise _refusal(file, number, f"`{field}` is no text", "write it in quotes, or leave it out")
        texts[field] = value or ""
    return Given(line[key], texts["name"], texts["country"], texts["city"], domain_key(texts["domain"]))


def _lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number of each line that is not blank, counted from 1, and its object."""
    if file.is_dir():
        raise CommandError(Exit.USAGE, f"{file} is a folder", f"name a file in it, e.g. {file}/crm.jsonl.gz")
    if not file.exists():
        raise CommandError(Exit.USAGE, f"no such file: {file}", "name a file of JSON lines, plain or .gz")
    number = 0
    try:
        with _opened(file) as stream:
            while line := stream.readline(_LONGEST_LINE + 1):
                number += 1
                if len(line) > _LONGEST_LINE:
                    raise _refusal(file, number, "the line is longer than 1 MiB", "write one object a line")
                if line.strip():
                    yield number, _object(file, number, line)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CommandError(
            Exit.FINDINGS, f"{file}:{number + 1}: the file is no whole gzip file", "copy it anew, or unpack it"
        ) from error
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot read {file}: {error.strerror or error}") from error


def _opened(file: Path) -> gzip.GzipFile | BufferedReader:
    return gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb")


def _object(file: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _refusal(file, number, f"the line is no JSON: {error.msg}", "write one JSON object a line") from error
    if not isinstance(value, dict):
        raise _refusal(file, number, "the line is no JSON object", 'write such as {"id": "1", "name": "Acme"}')
    return value


def _refusal(file: Path, number: int, what: str, help: str) -> CommandError:
    return CommandError(Exit.FINDINGS, f"{file}:{number}: {what}", help)


def _shown(value: object) -> str:
    text = str(value)
    return repr(text if len(text) <= 40 else text[:39] + "…")
