"""A mapping as large as a file may be, nearly all of it expressions, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

from queast_dsl.loading.source import MAX_BYTES

CONNECTIONS = """\
version: 1
connections:
  warehouse:
    connector: webhook
    url: https://hooks.example.com/queast
    account: warehouse
    auth: {signing_secret: secret://warehouse}
"""
HEAD = "version: 1\nconnection: warehouse\nmode: live\nroutes:\n"
ROUTE = """\
  route-{n}:
    entity: company
    events: [created, updated]
    to: event
    when: company.employee_count >= {n}
    body:
"""
# Every entry is its own text, so that nothing can be answered from an earlier one; `{n}` makes it so.
ENTRIES = (
    "company.domain ?? (company.website_url | domain) ?? 'none {n}'",
    "if(company.employee_count >= {n}, 'big', 'small')",
    "concat(company.name, ' ', company.country ?? 'x{n}')",
    "(company.city ?? 'none {n}') | lower",
    "company.country in ['NO', 'SE', 'DK'] and company.employee_count > {n}",
    "join(company.technologies, ', {n} ')",
    "round((company.employee_count ?? {n}) * 1.5 + {n} / 3)",
    "case(company.country, 'NO' = 'Norway {n}', 'SE' = 'Sweden {n}', else = company.country)",
)
TEMPLATE = "{{template: '{{{{ company.name }}}} {n} {{% if company.city %}}{{{{ company.city }}}}{{% endif %}}'}}"


def write_dense(root: Path, size: int = MAX_BYTES) -> int:
    """Write tenant `dense` under `root` with a mapping of at most `size` bytes; return how many expressions it has."""
    folder = root / "dense"
    folder.mkdir(parents=True)
    (folder / "connections.yaml").write_text(CONNECTIONS, encoding="utf-8")
    text, count = _mapping(size)
    (folder / "everything.yaml").write_text(text, encoding="utf-8")
    return count


def _mapping(size: int) -> tuple[str, int]:
    parts, left, number = [HEAD], size - len(HEAD), 0
    entries = (*ENTRIES, TEMPLATE)
    while True:
        block = [ROUTE.format(n=number)]
        for entry in entries * 6:
            number += 1
            block.append(f"      key_{number}:\n        inner: {entry.format(n=number)}\n")
        text = "".join(block)
        if len(text) > left:
            return "".join(parts), number - 6 * len(entries) + len(parts) - 1
        parts.append(text)
        left -= len(text)
