"""A person, and a mapping that tells of signals in notes, for the decisions about personal data."""

from __future__ import annotations

from queast_runtime.ports import ErrorClass, Phase, Refused

KARI = {
    "id": "p_1",
    "sequence": 1,
    "full_name": "Kåre O'Nordmann",
    "company_id": "c_1",
    "first_name": "Kåre",
    "last_name": "O'Nordmann",
    "email": "kare@acme.no",
    "phone": "+47 22 12 34 56",
    "linkedin_url": "https://www.linkedin.com/in/kare",
}

BUSY = Refused(ErrorClass.TRANSIENT, "busy", 503, Phase.BODY)

NOTES = """\
version: 1
description: Notes on companies
connection: hubspot-main
mode: live
{pii}routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    fields:
      name: company.name
  notes:
    entity: signal
    events: [created]
    to: notes
    attach_to: [company]
    {when}
    fields:
      hs_timestamp: signal.occurred_at
      hs_note_body: {{template: "{{{{ signal.title }}}}: {{{{ signal.summary ?? '' }}}}"}}
"""
