"""Writes the example tenants' events and the records that their CRMs hold before.

`QMAP_MATCHING_DATA=… PYTHONPATH=tests python -m examples.generate` rewrites the files under `mappings/`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random
from typing import Any

from examples.companies import SHARES, Fact, choose, read_facts
from examples.stream import write_stream

# Among acme's companies, those whose records have no domain.
BY_NAME = slice(23, 33)
BY_NAME_ALONE = slice(33, 37)
ELSEWHERE = slice(37, 39)
_COUNTRIES = {"NO": "Norway", "SE": "Sweden", "DK": "Denmark", "FI": "Finland", "DE": "Germany", "FR": "France"}
MAPPINGS = Path(__file__).parents[2] / "mappings"


def generate(folder: Path) -> dict[str, str]:
    """Return the files' texts by their path below `mappings/`, made from the facts in `folder`."""
    facts = read_facts(folder)
    files: dict[str, str] = {}
    for tenant in SHARES:
        companies, pair = choose(facts, tenant)
        stream = write_stream(tenant, companies, pair)
        files[f"{tenant}/events/stream.jsonl"] = "\n".join(stream.lines) + "\n"
        if tenant != "fjordbank":
            ids = [f"c-{tenant[0]}{number:03d}" for number in range(1, len(companies) + 2)]
            records = _hubspot(companies, ids, pair) if tenant == "acme" else _pipedrive(companies, ids, pair)
            files[f"{tenant}/sandbox.json"] = json.dumps(records, indent=1, ensure_ascii=False) + "\n"
        if tenant == "acme":
            files["acme/matches.json"] = (
                json.dumps(_matches(companies, ids, stream.latest), indent=1, ensure_ascii=False) + "\n"
            )
    return files


def _hubspot(companies: list[Fact], ids: list[str], pair: list[Fact]) -> dict[str, Any]:
    rows = [{"name": _typed(fact.name), "domain": fact.domain} for fact in companies[:14]]
    rows += [{"name": fact.name, "website": f"http://{fact.domain}/about"} for fact in companies[14:19]]
    for fact in companies[19:22]:
        # Which of the two is meant, only a person can say.
        rows += [{"name": fact.name, "domain": fact.domain}, {"name": f"{fact.name} (old)", "domain": fact.domain}]
    rows.append({"name": companies[22].name, "queast_company_id": ids[22]})
    rows += [{"name": _typed(fact.name), "country": _COUNTRIES[fact.country]} for fact in companies[BY_NAME]]
    # A name alone is a question, and so is one with another country beside it.
    rows += [{"name": _typed(fact.name)} for fact in companies[BY_NAME_ALONE]]
    rows += [{"name": _typed(fact.name), "country": "Brazil"} for fact in companies[ELSEWHERE]]
    # The pair's first is known by our id; its domain must not lead the second one to the same record.
    rows.append({"name": pair[0].name, "domain": pair[0].domain, "queast_company_id": ids[-1]})
    return {"companies": rows + [{"name": f"Unrelated {number}", "city": "Oslo"} for number in range(1, 121)]}


def _pipedrive(companies: list[Fact], ids: list[str], pair: list[Fact]) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {"name": _typed(fact.name), "website": f"https://{fact.domain}"} for fact in companies[:12]
    ]
    rows += [{"name": fact.name, "custom_fields": {"queast_domain": fact.domain}} for fact in companies[12:16]]
    for fact in companies[16:18]:
        rows += [{"name": fact.name, "website": fact.domain}, {"name": fact.name, "website": f"https://{fact.domain}"}]
    rows.append({"name": companies[18].name, "custom_fields": {"queast_company_id": ids[18]}})
    rows.append(
        {"name": pair[0].name, "website": pair[0].domain, "custom_fields": {"queast_company_id": ids[-1]}},
    )
    return {"organizations": rows + [{"name": f"Unrelated {number}"} for number in range(1, 131)]}


def _matches(companies: list[Fact], ids: list[str], latest: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What ought to become of the companies that only their names lead to a record."""
    known = {ids[at]: _typed(companies[at].name) for at in range(BY_NAME.start, BY_NAME.stop)}
    # Those that say their address by a website alone: the rule by domain has nothing to compare.
    known |= {ids[at]: _typed(companies[at].name) for at in range(14) if latest[ids[at]]["domain"] is None}
    known |= {ids[at]: companies[at].name for at in range(14, 22) if latest[ids[at]]["domain"] is None}
    asked = [ids[at] for at in range(BY_NAME_ALONE.start, ELSEWHERE.stop)]
    return {"linked_by_name": dict(sorted(known.items())), "asked": asked}


def _typed(name: str) -> str:
    # As people type names: shorter, or all in capitals.
    return name.upper() if Random(name).random() < 0.5 else name.split(",")[0]


def main() -> None:
    for path, text in generate(Path(os.environ["QMAP_MATCHING_DATA"])).items():
        target = MAPPINGS / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
