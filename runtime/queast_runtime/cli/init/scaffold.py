"""The files of a new tenant's repository, as bytes by path; nothing is written here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Literal

from queast_runtime.cli.init.kinds import Beginning
from queast_runtime.cli.init.steps import steps_in_readme

Ci = Literal["github", "gitlab"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A repository to be made. `ci` is whose continuous integration it gets, None for none yet."""

    tenant: str
    beginning: Beginning
    ci: Ci | None

    @property
    def mapping(self) -> str:
        if self.tenant == self.beginning.ends or self.tenant.endswith(f"-{self.beginning.ends}"):
            return self.tenant
        # A name ends at 63 characters, and what it says last tells mappings of a tenant apart.
        return f"{self.tenant[: 62 - len(self.beginning.ends)].rstrip('-')}-{self.beginning.ends}"


def tenant_files(wanted: Wanted, now: datetime) -> dict[str, bytes]:
    """Return what stands in the tenant's folder, by path from the repository's top."""
    home, kind = f"mappings/{wanted.tenant}", wanted.beginning.kind
    made = {
        f"{home}/connections.yaml": _text(f"{kind}/connections.yaml", wanted),
        f"{home}/{wanted.mapping}.yaml": _text(f"{kind}/mapping.yaml", wanted),
        f"{home}/tests/{wanted.mapping}.yaml": _text(f"{kind}/tests.yaml", wanted),
        f"{home}/events/sample.jsonl": _sample(wanted.tenant, with_signal=kind != "inbound"),
    }
    account = _account(wanted.beginning, now)
    if account is not None:
        body = json.dumps(account, ensure_ascii=False, indent=2) + "\n"
        made[f"{home}/accounts/{wanted.beginning.connection}.json"] = body.encode()
    return made


def repository_files(wanted: Wanted) -> dict[str, bytes]:
    """Return what stands around the tenant's folder."""
    made = {
        "mappings/policy.yaml": _text("repository/policy.yaml", wanted),
        ".gitignore": _text("repository/gitignore", wanted),
        ".pre-commit-config.yaml": _text("repository/pre-commit-config.yaml", wanted),
        "CODEOWNERS": _text("repository/CODEOWNERS", wanted),
        "README.md": _text("repository/README.md", wanted, steps=steps_in_readme(wanted.tenant, wanted.beginning.kind)),
    }
    match wanted.ci:
        case "github":
            made[".github/workflows/qmap.yml"] = _text("repository/github.yml", wanted)
        case "gitlab":
            made[".gitlab-ci.yml"] = _text("repository/gitlab-ci.yml", wanted)
        case None:
            pass
    return made


def _text(name: str, wanted: Wanted, *, steps: str = "") -> bytes:
    text = (files("queast_runtime.cli.init") / "files" / name).read_text(encoding="utf-8")
    for sign, value in (
        ("@TENANT@", wanted.tenant),
        ("@MAPPING@", wanted.mapping),
        ("@CONNECTION@", wanted.beginning.connection),
        ("@ACCOUNT@", wanted.beginning.account),
        ("@VERSION@", version("queast-integrations")),
        ("@STEPS@", steps),
    ):
        text = text.replace(sign, value)
    return text.encode("utf-8")


def _account(beginning: Beginning, now: datetime) -> Mapping[str, Any] | None:
    """The sandbox's own account file, read just now: there is nothing older in it than what runs here."""
    from queast_runtime.sandbox.account import hubspot_account, pipedrive_account

    match beginning.kind:
        case "hubspot":
            account = hubspot_account(beginning.account)
        case "pipedrive":
            account = pipedrive_account(beginning.account)
        case "webhook" | "inbound":
            return None
    return {**account, "pulled_at": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


_COMPANIES = (
    {
        "name": "Nordic Data AS",
        "domain": "nordicdata.example",
        "website_url": "https://www.nordicdata.example/en",
        "linkedin_url": "https://www.linkedin.com/company/nordic-data-example",
        "country": "NO",
        "city": "Oslo",
        "address": {"street": "Storgata 1", "postal_code": "0155", "city": "Oslo", "country": "NO"},
        "industry": "software",
        "employee_count": 140,
        "founded_on": "2009-03-01",
    },
    {
        "name": "Fabrikken ApS",
        "domain": "fabrikken.example",
        "website_url": "https://fabrikken.example/",
        "country": "DK",
        "city": "Aarhus",
        "address": {"postal_code": "8000", "city": "Aarhus", "country": "DK"},
        "industry": "manufacturing",
        "employee_count": 38,
    },
)


def _sample(tenant: str, *, with_signal: bool) -> bytes:
    """Events about companies that are made up: two that are created, and a strict signal about the first."""
    companies = [
        {"id": f"c-{number}", "sequence": 1, **each, "updated_at": "2026-01-05T08:00:00Z", "do_not_export": False}
        for number, each in enumerate(_COMPANIES, 1)
    ]
    signal = {
        "id": "s-1",
        "sequence": 1,
        "type": "hiring_surge",
        "title": "Nordic Data AS advertises more jobs than last quarter",
        "summary": "Made up, to try the mapping.",
        "strictness": "strict",
        "state": "active",
        "score": 60,
        "occurred_at": "2026-01-05T07:30:00Z",
        "company": companies[0],
    }
    told: list[tuple[str, dict[str, Any]]] = [("company.created", {"company": each}) for each in companies]
    told += [("signal.created", {"signal": signal})] if with_signal else []
    lines = [
        {
            "specversion": "1.0",
            "id": f"evt-{tenant}-{number}",
            "source": "queast",
            "type": f"queast.{type_}",
            "time": f"2026-01-05T08:0{number}:00Z",
            "datacontenttype": "application/json",
            "data": data,
        }
        for number, (type_, data) in enumerate(told, 1)
    ]
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in lines).encode()
