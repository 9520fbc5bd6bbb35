"""An account file that was pulled long ago."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject

_OLD = timedelta(days=30)


def check(subject: Subject) -> Iterator[Hit]:
    program = subject.program
    account = program.destination.account if program.destination is not None else None
    if account is None:
        return
    pulled = datetime.fromisoformat(account.pulled_at).date()
    age = program.today - pulled
    if age > _OLD:
        name = program.mapping.connection.value
        yield Hit(
            f"the account file of `{name}` is {age.days} days old (read on {pulled.isoformat()})",
            program.mapping.connection.span,
            f"ask Queast for `accounts/{name}.json` anew, and look at what changed",
        )


RULE = Rule(
    code="QM842",
    title="an account file that is older than 30 days",
    why=(
        "Properties, options and owners are checked against the account file. People add and remove them in the "
        "account, so an old file lets through what the destination refuses, and refuses what it takes."
    ),
    instead="Ask Queast for the account file anew before the mapping changes.",
    bad="""\
connection: hubspot-main   # read on 2026-06-01
-- acme/accounts/hubspot-main.json --
{"pulled_at": "2026-04-20T08:00:00Z"}
""",
    good="""\
connection: hubspot-main   # read on 2026-06-01
-- acme/accounts/hubspot-main.json --
{"pulled_at": "2026-05-20T08:00:00Z"}
""",
    check=check,
    dated=True,
)
