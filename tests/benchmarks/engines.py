"""The same mapping in engines from PyPI, with what they lack written around them.

Engines have no isolation of fields, no public suffix list and (mostly) no dates, so `prepared` checks kinds, finds the
registrable domain, converts both times and writes the revenue as text; for jmespath (no conditions, look-ups, text
functions) also the industry, size, head count and shortened description, for CEL the shortened description. `finished`
drops nulls and failed properties, and parses the text that minijinja and Jinja2 render. The whole job and the engine's
share of it are timed apart.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import cel
import jinja2
import jmespath
import jq
import minijinja
from jsonata import Jsonata
from tests.benchmarks.mapping_input import DESCRIPTION_LENGTH, INDUSTRIES

from queast_compiler.codegen import FieldFailure, Record
from queast_dsl.functions import REGISTRY

_KINDS: dict[str, tuple[tuple[type, ...], tuple[str, ...]]] = {
    "name": ((str,), ("name",)),
    "domain": ((str,), ("domain",)),
    "website_url": ((str,), ("domain", "website")),
    "country": ((str,), ("country",)),
    "industry": ((str,), ("industry",)),
    "employee_count": ((int,), ("numberofemployees", "company_size")),
    "revenue": ((int, float), ("annualrevenue",)),
    "description": ((str,), ("description",)),
    "address": ((dict,), ("city",)),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_domain = REGISTRY["domain"].python
_TABLE = json.dumps(INDUSTRIES)


def prepared(event: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """Return an event as every engine needs it, and the properties that cannot be had."""
    company = dict(event["company"])
    failed: set[str] = set()
    for name, (kinds, properties) in _KINDS.items():
        value = company.get(name)
        if value is not None and type(value) not in kinds:
            failed.update(properties)
            value = None
        company[name] = value
    website = company["website_url"]
    company["website_domain"] = _domain(website) if company["domain"] is None and website is not None else None
    company["founded_ms"] = company["updated_iso"] = None
    try:
        if company["founded_on"] is not None:
            days = date.fromisoformat(company["founded_on"]).toordinal() - _EPOCH.toordinal()
            company["founded_ms"] = str(days * 86_400_000)
    except (TypeError, ValueError):
        failed.add("founded")
    try:
        if company["updated_at"] is not None:
            moment = datetime.fromisoformat(company["updated_at"]).astimezone(UTC)
            company["updated_iso"] = moment.isoformat(timespec="milliseconds")[:23] + "Z"
    except (TypeError, ValueError):
        failed.add("queast_updated_at")
    revenue = company["revenue"]
    company["revenue_text"] = None if revenue is None else repr(revenue).removesuffix(".0")
    return {"company": company}, failed


def for_jmespath(event: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """Return an event with what jmespath cannot compute."""
    found, failed = prepared(event)
    company = found["company"]
    count, text = company["employee_count"], company["description"]
    company["industry_mapped"] = INDUSTRIES.get(company["industry"])
    company["size"] = "enterprise" if count is not None and count >= 250 else "smb"
    company["staff"] = str(count) if count is not None else None
    company["description_cut"] = text[:DESCRIPTION_LENGTH] if text is not None else None
    return found, failed


def for_cel(event: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """Return an event with what CEL cannot compute."""
    found, failed = prepared(event)
    text = found["company"]["description"]
    found["company"]["description_cut"] = text[:DESCRIPTION_LENGTH] if text is not None else None
    return found, failed


def finished(found: Any, failed: set[str]) -> dict[str, Any]:
    """Return an engine's output without nulls and failed properties."""
    values = json.loads(found) if isinstance(found, str) else found
    return {name: value for name, value in values.items() if value is not None and name not in failed}


@dataclass(frozen=True, slots=True)
class Engine:
    """`alone` is the engine's own compiled mapping; calling this does the whole job."""

    prepare: Callable[[dict[str, Any]], tuple[dict[str, Any], set[str]]]
    alone: Callable[[dict[str, Any]], Any]

    def by_itself(self, ready: dict[str, Any], now: datetime) -> Any:
        return self.alone(ready)

    def __call__(self, event: dict[str, Any], now: datetime) -> Record:
        ready, failed = self.prepare(event)
        failures = tuple(FieldFailure(name, "of another kind", "engines.py", 0) for name in failed) if failed else ()
        return Record(finished(self.alone(ready), failed), failures)


def engines() -> dict[str, Engine]:
    """Return each engine's compiled mapping by the engine's name."""
    return {
        "jmespath": Engine(for_jmespath, jmespath.compile(_JMESPATH).search),
        "jsonata-python": Engine(prepared, Jsonata(_JSONATA).evaluate),
        "jq": Engine(prepared, _jq()),
        "common-expression-language": Engine(for_cel, cel.compile(_CEL).execute),
        "minijinja": Engine(prepared, _minijinja()),
        "jinja2": Engine(prepared, _jinja2()),
    }


def _jq() -> Callable[[dict[str, Any]], Any]:
    program = jq.compile(_JQ)
    return lambda event: program.input_value(event).first()


def _minijinja() -> Callable[[dict[str, Any]], Any]:
    environment = minijinja.Environment(templates={"mapping": _TEMPLATE}, globals={"table": INDUSTRIES})
    return lambda event: environment.render_template("mapping", **event)


def _jinja2() -> Callable[[dict[str, Any]], Any]:
    environment = jinja2.Environment(autoescape=False)  # JSON, which `tojson` writes
    template = environment.from_string(_TEMPLATE, globals={"table": INDUSTRIES})
    return lambda event: template.render(event)


_JMESPATH = """
company.{name: name, domain: domain || website_domain, website: website_url, city: address.city || '',
  country: country, industry: industry_mapped, numberofemployees: staff, company_size: size,
  annualrevenue: revenue_text, founded: founded_ms, description: description_cut, queast_updated_at: updated_iso}
"""
_JSONATA = f"""
company.{{"name": name, "domain": domain ? domain : website_domain, "website": website_url,
  "city": address.city ? address.city : "", "country": country, "industry": $lookup({_TABLE}, industry),
  "numberofemployees": employee_count != null ? $string(employee_count) : null,
  "company_size": employee_count != null and employee_count >= 250 ? "enterprise" : "smb",
  "annualrevenue": revenue_text, "founded": founded_ms,
  "description": description ? $substring(description, 0, {DESCRIPTION_LENGTH}) : null,
  "queast_updated_at": updated_iso}}
"""
_JQ = f"""
.company | {{name, domain: (.domain // .website_domain), website: .website_url, city: (.address.city // ""), country,
  industry: ({_TABLE}[.industry // ""]),
  numberofemployees: (if .employee_count == null then null else (.employee_count | tostring) end),
  company_size: (if (.employee_count // 0) >= 250 then "enterprise" else "smb" end), annualrevenue: .revenue_text,
  founded: .founded_ms,
  description: (if .description == null then null else .description[0:{DESCRIPTION_LENGTH}] end),
  queast_updated_at: .updated_iso}}
"""
_CEL = f"""
{{"name": company.name, "domain": company.domain != null ? company.domain : company.website_domain,
  "website": company.website_url, "city": company.address != null ? company.address.city : "",
  "country": company.country,
  "industry": company.industry != null && company.industry in {_TABLE} ? {_TABLE}[company.industry] : null,
  "numberofemployees": company.employee_count != null ? string(company.employee_count) : null,
  "company_size": company.employee_count != null && company.employee_count >= 250 ? "enterprise" : "smb",
  "annualrevenue": company.revenue_text, "founded": company.founded_ms, "description": company.description_cut,
  "queast_updated_at": company.updated_iso}}
"""
_TEMPLATE = f"""
{{"name": {{{{ company.name | tojson }}}},
 "domain": {{{{ (company.domain or company.website_domain) | tojson }}}},
 "website": {{{{ company.website_url | tojson }}}},
 "city": {{{{ (company.address.city if company.address else '') | tojson }}}},
 "country": {{{{ company.country | tojson }}}},
 "industry": {{{{ (table[company.industry] if company.industry in table else none) | tojson }}}},
 "numberofemployees": {{{{ (none if company.employee_count is none else company.employee_count | string) | tojson }}}},
 "company_size": "{{{{ 'enterprise' if company.employee_count and company.employee_count >= 250 else 'smb' }}}}",
 "annualrevenue": {{{{ company.revenue_text | tojson }}}}, "founded": {{{{ company.founded_ms | tojson }}}},
 "description": {{{{ (company.description[:{DESCRIPTION_LENGTH}] if company.description else none) | tojson }}}},
 "queast_updated_at": {{{{ company.updated_iso | tojson }}}}}}
"""
