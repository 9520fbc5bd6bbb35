"""Codes QM001-QM099: YAML and files."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code, Severity

CODES: tuple[Code, ...] = (
    Code(
        "QM001",
        "File too large",
        Severity.ERROR,
        "A YAML file may have 256 KiB and an account file 2 MiB. Larger files are refused before they are read.",
        (
            "city: company.country | lookup(markets, else = null)\n"
            "tables:\n"
            "  markets:\n"
            "    row1: a row of a table that is far too long to be written into a mapping\n"
            "    …\n"
            "    row4000: a row of a table that is far too long to be written into a mapping"
        ),
        (
            "city: company.country | lookup(markets, else = null)\n"
            "tables:\n"
            "  markets: {file: tables/markets.csv}\n"
            "-- acme/tables/markets.csv --\n"
            "key,value\n"
            "NO,Norway\n"
            "SE,Sweden"
        ),
    ),
    Code(
        "QM002",
        "Not UTF-8",
        Severity.ERROR,
        "Files are UTF-8, with or without a byte order mark at the start. Other encodings are not guessed.",
        "description: Sales in Troms<F8>",
        "description: Sales in Tromsø",
    ),
    Code(
        "QM003",
        "Hidden or control character",
        Severity.ERROR,
        "Control characters, characters that change the direction of text, invisible characters and unusual line "
        "breaks make a file read unlike what it does, so they are refused wherever they stand.",
        "description: safe<U+202E>elbissim",
        'description: "an escape such as \\u00e9 is fine"',
    ),
    Code(
        "QM004",
        "File cannot be read",
        Severity.ERROR,
        "The file is missing, is no regular file, is a symbolic link, or may not be read. Links are not followed: "
        "they could point outside the tenant's folder.",
        (
            "city: company.country | lookup(markets, else = null)\n"
            "tables:\n"
            "  markets: {file: tables/markets.csv}   # and there is no such file"
        ),
        (
            "city: company.country | lookup(markets, else = null)\n"
            "tables:\n"
            "  markets: {file: tables/markets.csv}\n"
            "-- acme/tables/markets.csv --\n"
            "key,value\n"
            "NO,Norway\n"
            "SE,Sweden"
        ),
    ),
    Code(
        "QM005",
        "File name not allowed",
        Severity.ERROR,
        "A mapping is named by its file: small letters, digits and single hyphens, ending in .yaml. A tenant is named "
        "by its folder in the same way, and the policy is called policy.yaml.",
        (
            "-- acme/Acme_HubSpot.yml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "connection: hubspot-main\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
        (
            "-- acme/acme-hubspot.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "connection: hubspot-main\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
    ),
    Code(
        "QM006",
        "Mapping that nothing reads",
        Severity.ERROR,
        "Mappings are read from a tenant's folder, which holds connections.yaml, and from no folder below it. A YAML "
        "file anywhere else would be missed without a word.",
        (
            "-- acme/drafts/names.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "connection: hubspot-main\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
        (
            "-- acme/names.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "connection: hubspot-main\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
    ),
    Code(
        "QM010",
        "Not YAML",
        Severity.ERROR,
        "The text is not YAML. The place is where the parser gave up; the cause may stand a little before it.",
        "description: 'Keep in sync",
        "description: 'Keep in sync'",
    ),
    Code(
        "QM011",
        "Nested too deep",
        Severity.ERROR,
        "Documents may nest 32 levels deep. No document needs more, and deep nesting can bring a parser down.",
        "description: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
        "description: Names of companies",
    ),
    Code(
        "QM012",
        "Too many values",
        Severity.ERROR,
        "A file may hold 50,000 values.",
        "description: [a, … 50001 times]",
        "description: Names of companies",
    ),
    Code(
        "QM013",
        "Anchor",
        Severity.ERROR,
        "YAML anchors (&name) are not used: a value would depend on a line far away, and small files could grow "
        "without bound.",
        "events: &all [created, updated]",
        "events: [created, updated]",
    ),
    Code(
        "QM014",
        "Alias",
        Severity.ERROR,
        "YAML aliases (*name) are not used; the value is written out where it is needed.",
        "events: [created, *rest]",
        "events: [created, updated]",
    ),
    Code(
        "QM015",
        "Merge key",
        Severity.ERROR,
        "YAML merge keys (<<) are not used. To build on a shared mapping use `extends`.",
        "routes:\n  companies: {<<: {entity: company}}",
        (
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
    ),
    Code(
        "QM016",
        "Tag",
        Severity.ERROR,
        "YAML tags (!name) are not used: what a value means is decided by its place.",
        "version: !!int 1",
        "version: 1",
    ),
    Code(
        "QM017",
        "Duplicate key",
        Severity.ERROR,
        "A key may stand once in a mapping. Names that look alike after Unicode normalisation count as the same. Many "
        "YAML readers silently keep the last one.",
        "city: company.city\ncity: company.address.city",
        "city: company.city",
    ),
    Code(
        "QM018",
        "Several documents",
        Severity.ERROR,
        "A file holds one YAML document.",
        "mode: live\n---\nmode: live",
        "mode: live",
    ),
    Code(
        "QM019",
        "Empty file",
        Severity.ERROR,
        "The file holds no value.",
        "-- acme/main.yaml --\n# nothing yet",
        (
            "-- acme/main.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "connection: hubspot-main\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
    ),
    Code(
        "QM020",
        "YAML directive",
        Severity.ERROR,
        "Lines that begin with % before the document would change how the file is read.",
        (
            "-- acme/main.yaml --\n"
            "%YAML 1.1\n"
            "---\n"
            "version: 1\n"
            "description: Names of companies\n"
            "connection: hubspot-main\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
        (
            "-- acme/main.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "connection: hubspot-main\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
    ),
    Code(
        "QM021",
        "Key is not text",
        Severity.ERROR,
        "A key is plain text, never a list or a mapping.",
        "mode: live\n? [a, b]\n: 1",
        "mode: live",
    ),
    Code(
        "QM022",
        "Not JSON",
        Severity.ERROR,
        "An account file is strict JSON: no comments, no trailing commas, no duplicate keys, no NaN.",
        '-- acme/accounts/hubspot-main.json --\n{"owners": [],}',
        '-- acme/accounts/hubspot-main.json --\n{"owners": []}',
    ),
    Code(
        "QM030",
        "Expression cut by braces",
        Severity.ERROR,
        "Inside {…} a comma, a bracket, a brace or a colon ends the value, so an expression that holds one is torn "
        "apart. Write it on a line of its own.",
        (
            "industry: {from: company.industry | lookup(industries, else = null)}\n"
            "tables:\n"
            "  industries: {software: COMPUTER_SOFTWARE, banking: BANKING}"
        ),
        (
            "industry:\n"
            "  from: company.industry | lookup(industries, else = null)\n"
            "tables:\n"
            "  industries: {software: COMPUTER_SOFTWARE, banking: BANKING}"
        ),
    ),
    Code(
        "QM031",
        "Expression cut by a colon",
        Severity.ERROR,
        "A colon followed by a blank makes YAML see a key. Put the whole expression in quotes.",
        "name: concat('Company: ', company.name)",
        "name: \"concat('Company: ', company.name)\"",
    ),
    Code(
        "QM032",
        "Expression begins with a quote",
        Severity.ERROR,
        "A value that begins with a quote ends, for YAML, at the matching one. Put the whole expression in the other "
        "kind of quotes.",
        "city: 'in ' + company.city",
        "city: \"concat('in ', company.city)\"",
    ),
    Code(
        "QM033",
        "Expression cut by a comment",
        Severity.ERROR,
        "A blank followed by # begins a comment. What is left of the expression ends in the middle, so the comment "
        "was probably meant to be part of it.",
        "name: replace(company.name, ' #', '')",
        "name: \"replace(company.name, ' #', '')\"",
    ),
    Code(
        "QM034",
        "List where an expression is read",
        Severity.ERROR,
        "A leading [ begins a YAML list. To begin an expression with a list put it in quotes.",
        "city: [company.city, company.region] | first",
        'city: "[company.city, company.region] | first"',
    ),
    Code(
        "QM035",
        "Template where an expression is read",
        Severity.ERROR,
        "{{ }} belongs in a template. A bare value is an expression already, so it needs no braces; text with values "
        "in it is written as a template.",
        "name: Queast {{ company.name }}",
        'name:\n  template: "Queast {{ company.name }}"',
    ),
    Code(
        "QM036",
        "Expression begins with | or >",
        Severity.ERROR,
        "A leading | or > begins a block of text in YAML. A pipe needs a value on its left.",
        "name: | lower",
        "name: company.name | lower",
    ),
    Code(
        "QM037",
        "Quotes that YAML removes",
        Severity.ERROR,
        "YAML takes the quotes around a whole value away; what is left is read as an expression. Text that is sent as "
        "it is is written {const: …}.",
        'city: "Oslo"',
        "city: {const: Oslo}",
    ),
    Code(
        "QM038",
        "Expression begins with a reserved character",
        Severity.ERROR,
        "A value may not begin with one of @ ` % ! & * - ? , because YAML gives them a meaning of its own. Put the "
        "whole expression in quotes.",
        "when: !company.bookmarked",
        "when: not company.bookmarked",
    ),
)
