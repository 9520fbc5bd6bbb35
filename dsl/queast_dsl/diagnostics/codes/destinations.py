"""Codes QM300-QM399: what the destination can hold."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code, Severity

_ERROR = Severity.ERROR

CODES: tuple[Code, ...] = (
    Code(
        "QM300",
        "object that the connector does not have",
        _ERROR,
        "`to` names an object of the connector, in the destination's own spelling.",
        "to: company",
        "to: companies",
    ),
    Code(
        "QM301",
        "object does not fit the entity",
        _ERROR,
        "A company is kept in sync with a company object, a signal becomes a note, a task or an event. Sending an "
        "entity to an object of another kind would overwrite records that stand for something else.",
        ("entity: signal\nevents: [created]\nto: companies\nfields: {name: signal.title}"),
        "entity: signal\nto: notes",
    ),
    Code(
        "QM303",
        "event that this route cannot take",
        _ERROR,
        "A route lists what must happen to its entity before it sends. Each entity has its own events, and an object "
        "that is kept in sync takes only `created`, `updated` and `bookmarked`: the rest is what `afterwards` decides. "
        "Opt-outs and erasures are always obeyed and cannot be routed.",
        "events: [created, cooled_off]",
        "events: [created, updated]",
    ),
    Code(
        "QM304",
        "object needs another edition",
        _ERROR,
        "Some objects exist only in some editions of the destination. The connection declares which one its account "
        "has.",
        ("-- connectors/hubspot.yaml --\nobjects:\n  companies: {requires_edition: [enterprise]}"),
        (
            "-- connectors/hubspot.yaml --\n"
            "objects:\n"
            "  companies: {requires_edition: [enterprise]}\n"
            "-- acme/connections.yaml --\n"
            "connections:\n"
            "  hubspot-main:\n"
            "    edition: enterprise"
        ),
    ),
    Code(
        "QM305",
        "note hangs on nothing",
        _ERROR,
        "A note that hangs on no record is found by nobody, so it is refused. `attach_to` names the entity whose "
        "record it hangs on.",
        (
            "routes:\n"
            "  notes:\n"
            "    entity: signal\n"
            "    events: [created]\n"
            "    to: notes\n"
            "    fields:\n"
            "      hs_timestamp: signal.occurred_at\n"
            "      hs_note_body: signal.title"
        ),
        "to: notes\nattach_to: [company]",
    ),
    Code(
        "QM306",
        "nothing to attach to",
        _ERROR,
        "`attach_to` takes entities that the event carries and that have an object at this destination on which a "
        "record of the route can hang.",
        "to: companies\nattach_to: [company]",
        "to: notes\nattach_to: [company]",
    ),
    Code(
        "QM307",
        "fields and body do not go together",
        _ERROR,
        "An object with properties takes `fields:`. An event takes `body:`, or nothing to send the canonical event, "
        "and `headers:`.",
        "to: companies\nbody: {name: company.name}",
        "to: companies\nfields: {name: company.name}",
    ),
    Code(
        "QM308",
        "route about another entity than its fields",
        _ERROR,
        "An event holds its own entity, and some the company with it: a person route reads `person` and `company`. "
        "Where all that a route cannot read is of one entity, the route was meant to be about that.",
        "entity: company\nto: event\nbody:\n  title: job_ad.title\n  url: job_ad.url",
        "entity: job_ad\nevents: [created]\nto: event\nbody:\n  title: job_ad.title\n  url: job_ad.url",
    ),
    Code(
        "QM310",
        "unknown property",
        _ERROR,
        "A field names a property of the destination's object: by its name, its label or an alias, from the connector "
        "or the account file.",
        "nmae: company.name",
        "city: company.city",
    ),
    Code(
        "QM311",
        "property cannot be written",
        _ERROR,
        "The destination computes this property itself and refuses values for it.",
        "createdate: company.updated_at",
        "founded_day: company.founded_on",
    ),
    Code(
        "QM312",
        "property is written twice",
        _ERROR,
        "Two fields of one route name the same property, one by its name and one by its label. Only one value can win.",
        "industry: {const: BANKING}\nIndustry: {const: FARMING}",
        "industry: {const: BANKING}",
    ),
    Code(
        "QM313",
        "name fits several properties",
        _ERROR,
        "Labels are not unique in an account. Where a label fits several properties, write the property's own name.",
        "Segment: company.industry",
        "segment_a: company.industry",
    ),
    Code(
        "QM314",
        "property is set by the product",
        _ERROR,
        "The property that holds our id ties a record to its entity. A mapping does not write it.",
        "queast_company_id: company.id",
        "region_code: company.country",
    ),
    Code(
        "QM320",
        "property cannot hold this type",
        _ERROR,
        "The value's type and the property's type differ, and nothing is converted silently.",
        "numberofemployees: company.name",
        "numberofemployees: company.employee_count",
    ),
    Code(
        "QM321",
        "value is not an option of the property",
        _ERROR,
        "The property takes one of its options. A value that is none of them would be refused by the destination.",
        "industry: {const: Softwear}",
        "industry: {const: COMPUTER_SOFTWARE}",
    ),
    Code(
        "QM322",
        "value may be null and the property is required",
        _ERROR,
        "A required property always needs a value. `??` gives one where the field of the event is empty.",
        "name: company.domain",
        "name: company.domain ?? company.name",
    ),
    Code(
        "QM323",
        "constant does not read as the property's type",
        _ERROR,
        "A constant is read as the property's type: a whole number, a number, true or false, a date (2026-01-31), a "
        "date and time with offset, or one of the options.",
        "numberofemployees: {const: many}",
        "numberofemployees: {const: 25}",
    ),
    Code(
        "QM324",
        "owner is not in the account file",
        _ERROR,
        "An owner is written as an e-mail address and sent as the destination's id. The account file lists both.",
        "hubspot_owner_id: {const: nobody@acme.example}",
        "hubspot_owner_id: {const: anna@acme.example}",
    ),
    Code(
        "QM325",
        "text never fits",
        _ERROR,
        "The property holds fewer characters than a text has that is written out, or than every possible value has.",
        "region_code: {const: Oslo-Øst}",
        "region_code: {const: OSLO}",
    ),
    Code(
        "QM326",
        "options are not listed",
        _ERROR,
        "The account file lists no options for this property, so no value for it can be checked.",
        "tier: {const: gold}",
        "industry: {const: BANKING}",
    ),
    Code(
        "QM327",
        "text may be too long",
        Severity.WARNING,
        "The value may have more characters than the property holds, and the property is not required: a field with a "
        "longer text is left out of what is sent. `truncate` sends the beginning instead. In a required property it is "
        "an error (QM336), and so is what never fits (QM325).",
        "region_code: company.legal_name",
        "region_code: truncate(company.legal_name, 4)",
    ),
    Code(
        "QM328",
        "on_null never acts",
        Severity.WARNING,
        "`on_null` says what a null does. The value here is never null, or there is nothing to clear because the field "
        "is only written into new records or empty properties.",
        "name:\n  from: company.name\n  on_null: error",
        "name:\n  from: company.name",
    ),
    Code(
        "QM329",
        "value is always null",
        _ERROR,
        "The value is null for every event, so the property would never be written. To empty it in every record, say "
        "`on_null: clear`.",
        "website: 'null'",
        "website:\n  from: 'null'\n  on_null: clear",
    ),
    Code(
        "QM331",
        "write has no meaning here",
        _ERROR,
        "Notes and events are created once and never written again, so there is nothing for `write` to decide.",
        (
            "to: notes\n"
            "fields:\n"
            "  hs_timestamp: signal.occurred_at\n"
            "  hs_note_body: {from: signal.source_url ?? signal.title, write: always}"
        ),
        ("to: notes\nfields:\n  hs_timestamp: signal.occurred_at\n  hs_note_body: signal.source_url ?? signal.title"),
    ),
    Code(
        "QM332",
        "required property cannot be cleared",
        _ERROR,
        "The destination refuses records without this property, so a null never clears it.",
        "name:\n  from: company.name\n  on_null: clear",
        "name: company.name",
    ),
    Code(
        "QM333",
        "add on a property of one value",
        _ERROR,
        "`write: add` joins the value's options to those that the property holds. A property that holds one value has "
        "no room for a second one; `if_empty` keeps what is there.",
        (
            "industry:\n"
            "  from: company.industry | lookup(industries, else = null)\n"
            "  write: add\n"
            "tables:\n"
            "  industries: {software: COMPUTER_SOFTWARE, banking: BANKING}"
        ),
        (
            "regions:\n"
            "  from: company.country | lookup(regions, else = null)\n"
            "  write: add   # holds several options\n"
            "tables:\n"
            "  regions: {'NO': nordics, DE: europe}"
        ),
    ),
    Code(
        "QM334",
        "property that cannot be read back",
        _ERROR,
        "`unless_edited`, `if_empty` and `add` ask what the property holds, and the destination takes this one without "
        "ever showing it again. `unless_edited` is also what a field without `write` means.",
        (
            "phone:\n"
            "  from: company.phone\n"
            "  write: if_empty\n"
            "-- connectors/hubspot.yaml --\n"
            "objects:\n"
            "  companies:\n"
            "    fields:\n"
            "      phone: {type: string, write_only: true}"
        ),
        (
            "phone:\n"
            "  from: company.phone\n"
            "  write: on_create\n"
            "-- connectors/hubspot.yaml --\n"
            "objects:\n"
            "  companies:\n"
            "    fields:\n"
            "      phone: {type: string, write_only: true}"
        ),
    ),
    Code(
        "QM335",
        "adding and clearing contradict",
        _ERROR,
        "`write: add` keeps every option that the property holds, and `on_null: clear` would take all of them away.",
        (
            "regions:\n"
            "  from: company.country | lookup(regions, else = null)\n"
            "  write: add\n"
            "  on_null: clear\n"
            "tables:\n"
            "  regions: {'NO': nordics, DE: europe}"
        ),
        (
            "regions:\n"
            "  from: company.country | lookup(regions, else = null)\n"
            "  write: add\n"
            "tables:\n"
            "  regions: {'NO': nordics, DE: europe}"
        ),
    ),
    Code(
        "QM336",
        "text may be too long for a required property",
        _ERROR,
        "The value may have more characters than a required property holds. A record without it cannot be written, so "
        "one longer text would stop the whole record. `truncate` sends the beginning instead.",
        (
            "region_code: company.name\n"
            "-- acme/accounts/hubspot-main.json --\n"
            '{"objects": {"companies": {"properties": {"region_code": {"required": true}}}}}'
        ),
        (
            "region_code: truncate(company.name, 4)\n"
            "-- acme/accounts/hubspot-main.json --\n"
            '{"objects": {"companies": {"properties": {"region_code": {"required": true}}}}}'
        ),
    ),
    Code(
        "QM340",
        "required property is missing",
        _ERROR,
        "The destination refuses records without this property.",
        "to: notes\nfields: {hs_note_body: signal.source_url ?? signal.title}",
        ("to: notes\nfields: {hs_note_body: signal.source_url ?? signal.title, hs_timestamp: signal.occurred_at}"),
    ),
    Code(
        "QM341",
        "unknown template",
        _ERROR,
        "`render` names a template of the mapping's `templates:` block.",
        ("city: {render: plase}\ntemplates:\n  place: \"{{ company.name }}, {{ company.country ?? '' }}\""),
        ("city: {render: place}\ntemplates:\n  place: \"{{ company.name }}, {{ company.country ?? '' }}\""),
    ),
    Code(
        "QM342",
        "each needs a list",
        _ERROR,
        "`each:` repeats its `body:` for every item of a list.",
        ("body:\n  tags:\n    each: company.name\n    as: tag\n    body: {name: tag}"),
        ("body:\n  tags:\n    each: company.technologies\n    as: tag\n    body: {name: tag}"),
    ),
    Code(
        "QM343",
        "header is not text",
        _ERROR,
        "A header holds one line of text that is always there, without control characters.",
        "headers: {X-Staff: company.employee_count}",
        "headers: {X-Company: company.id}",
    ),
    Code(
        "QM344",
        "header twice",
        _ERROR,
        "The name of a header has no case, so two names that differ in case only would be sent as one header twice.",
        "headers: {X-Source: {const: a}, x-source: {const: b}}",
        "headers: {X-Source: {const: a}}",
    ),
    Code(
        "QM345",
        "credential in a header",
        _ERROR,
        "A header such as Authorization, Cookie or X-Api-Key proves who is calling. Only a reference to a secret may "
        "stand there, so that no file, plan or log ever holds the credential. The value is not shown.",
        "headers: {X-Api-Key: {const: hunter2}}",
        "headers: {X-Api-Key: secret://warehouse-key}",
    ),
    Code(
        "QM346",
        "name of a template where its text is meant",
        _ERROR,
        "`template:` holds the text itself and `const:` a text that is sent as it stands, so the name of a template "
        "in either is sent as a word. `render:` takes the name. A constant is refused only where nothing else renders "
        "that template.",
        ("city: {template: place}\ntemplates:\n  place: \"{{ company.name }}, {{ company.country ?? '' }}\""),
        ("city: {render: place}\ntemplates:\n  place: \"{{ company.name }}, {{ company.country ?? '' }}\""),
    ),
    Code(
        "QM347",
        "credential of a connection in a header",
        _ERROR,
        "The receiver of a header reads it. A secret that opens a connection, to HubSpot for instance, or signs what "
        "is sent there, would open it for the receiver, too.",
        "headers: {X-Queast: secret://warehouse}   # what signs the webhook's events",
        "headers: {X-Queast: secret://warehouse-header}",
    ),
)
