"""A case as one text: a heading, then files, each after a line `-- path --`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SECTION = re.compile(r"^-- (?P<name>\S.*\S|\S) --$")


@dataclass(frozen=True)
class Archive:
    """`heading` says what the case shows; `fixture` names the folder it starts from. Sections keep their order."""

    heading: str
    fixture: str
    sections: dict[str, str]


def parse(text: str) -> Archive:
    """Read an archive. ValueError where a section stands twice or no `fixture:` line is in the heading."""
    head, sections = split(text)
    lines = head.splitlines(keepends=True)
    fixture = [line.removeprefix("fixture:").strip() for line in lines if line.startswith("fixture:")]
    if len(fixture) != 1:
        raise ValueError("the heading needs one line `fixture: NAME`")
    heading = "".join(line for line in lines if not line.startswith("fixture:")).strip()
    return Archive(heading, fixture[0], sections)


def split(text: str) -> tuple[str, dict[str, str]]:
    """Return what stands before the first section, and the sections. ValueError where one stands twice."""
    head: list[str] = []
    sections: dict[str, list[str]] = {}
    current = head
    for line in text.splitlines(keepends=True):
        found = _SECTION.match(line.rstrip("\n"))
        if found is None:
            current.append(line)
            continue
        if found["name"] in sections:
            raise ValueError(f"section {found['name']} stands twice")
        current = sections[found["name"]] = []
    return "".join(head), {name: "".join(lines) for name, lines in sections.items()}


def write(archive: Archive) -> str:
    """Return the text that `parse` reads."""
    parts = [f"{archive.heading}\nfixture: {archive.fixture}\n"]
    for name, text in archive.sections.items():
        ending = "" if text.endswith("\n") or not text else "\n"
        parts.append(f"-- {name} --\n{text}{ending}")
    return "".join(parts)
