"""Names of companies and persons, brought to a form in which two spellings of one name are the same text."""

from __future__ import annotations

from queast_dsl.names.company import MAX_NORMAL, CompanyName, read_company_name
from queast_dsl.names.person import PersonName, read_person_name

__all__ = ["MAX_NORMAL", "CompanyName", "PersonName", "read_company_name", "read_person_name"]
