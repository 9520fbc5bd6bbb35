"""Every command's name, options and help. What a command does stands in its own module, loaded when it runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from queast_runtime.cli import release_app
from queast_runtime.cli.diff_app import diff
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.init_app import init
from queast_runtime.cli.lint_app import lint
from queast_runtime.cli.mirror_app import mirror
from queast_runtime.cli.options import AnyTenant, AsFormat, MappingName, Paths, Root, StoreUrl, Tenant, format_of
from queast_runtime.cli.output import Format, Voice
from queast_runtime.cli.policy_app import policy
from queast_runtime.cli.review_app import links, review
from queast_runtime.cli.test_app import test
from queast_runtime.cli.tokens_app import tokens

app = typer.Typer(
    name="qmap",
    help="Describe in YAML how Queast's data reaches a CRM or webhook; check, compile, publish and run it.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)
deliveries = typer.Typer(
    help="See what was delivered, what waits and why.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(deliveries, name="deliveries")
app.add_typer(mirror, name="mirror")
app.add_typer(review, name="review")
app.add_typer(links, name="links")
matching = typer.Typer(help="See how well names find the CRM's records.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(matching, name="match")
app.add_typer(tokens, name="tokens")
app.add_typer(policy, name="policy")
app.add_typer(test, name="test")


def _folder(given: str | Path) -> Path:
    if not str(given):
        raise typer.BadParameter("it is empty; name a folder")
    return Path(given)


@app.callback()
def options(
    directory: Annotated[Path | None, typer.Option("-C", metavar="DIR", help="Run as if started in DIR.")] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what went wrong.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Say more.")] = False,
) -> None:
    Voice.quiet, Voice.verbose = quiet, verbose
    if directory is not None:
        try:
            os.chdir(directory)
        except OSError as error:
            raise CommandError(Exit.USAGE, f"cannot change to {directory}: {error.strerror}") from error


app.command()(init)
app.command()(lint)


@app.command()
def fmt(
    paths: Paths = None,
    check: Annotated[
        bool, typer.Option("--check", help="Print the names of files that would change and write nothing.")
    ] = False,
) -> None:
    """Lay out mappings, connections and the policy in one way; a file that is no YAML is left alone, with exit 1."""
    from queast_runtime.cli.fmt import run

    run(paths or [], check=check)


@app.command("compile")
def compile_(
    paths: Paths = None,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", parser=_folder, help="Where the plans go.")] = Path(
        "plans"
    ),
    format: AsFormat = Format.TEXT,
) -> None:
    """Compile mappings to unsigned plans in DIR."""
    from queast_runtime.cli.compiling import run

    run(paths or [], out, format)


@app.command()
def update(
    paths: Paths = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 where a file would change.")] = False,
    format: AsFormat = Format.TEXT,
) -> None:
    """Write into qmap.lock which base, manifests and policy a tenant's mappings are compiled against."""
    from queast_runtime.cli.update import run

    run(paths or [], format, check=check)


app.command()(diff)
for released in (
    release_app.publish,
    release_app.approve,
    release_app.withdraw,
    release_app.rollback,
    release_app.history,
):
    app.command()(released)


@app.command()
def show(
    mapping: MappingName,
    root: Root = Path("mappings"),
    effective: Annotated[
        bool, typer.Option("--effective", help="Print it as YAML, its base merged in and every default written out.")
    ] = False,
    origin: Annotated[
        bool, typer.Option("--origin", help="With --effective: say of each line where it is from.")
    ] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Print the compiled plan as JSON.")] = False,
    format: AsFormat = Format.TEXT,
) -> None:
    """Show a mapping as it takes effect, its base merged in, with the line each value comes from."""
    from queast_runtime.cli.show import run

    run(mapping, root, plan, format, effective=effective, origin=origin)


@app.command()
def schema(
    mapping: Annotated[
        str | None, typer.Argument(metavar="[MAPPING]", help="The mapping's name; without one all kinds of documents.")
    ] = None,
    root: Root = Path("mappings"),
    write: Annotated[
        bool, typer.Option("--write", help="Put it into .qmap-schemas beside the mapping, and point the mapping to it.")
    ] = False,
) -> None:
    """Print or write JSON Schemas for editors: with MAPPING those of its connection, with the account's properties."""
    from queast_runtime.cli.schema import run

    run(mapping, root, write)


@app.command()
def explain(
    subject: Annotated[str, typer.Argument(metavar="CODE|FUNCTION|PATH", help="e.g. QM211, lower, company.domain")],
    format: AsFormat = Format.TEXT,
) -> None:
    """Explain a finding's code, a function or a field."""
    from queast_runtime.cli.explain import explain_subject

    explain_subject(subject, format)


@app.command()
def fields(
    entity: Annotated[
        str | None, typer.Argument(help="company, person, signal, job_ad or highlight; all without one")
    ] = None,
    pii: Annotated[bool, typer.Option("--pii", help="Only fields that hold personal data, or text that may.")] = False,
    format: AsFormat = Format.TEXT,
) -> None:
    """List the fields of an entity, or of all, with types and personal-data labels."""
    from queast_runtime.cli.explain import list_all_fields, list_fields

    if entity is None:
        list_all_fields(pii, format)
    else:
        list_fields(entity, pii, format)


@app.command()
def functions(
    name: Annotated[str | None, typer.Argument(help="One function; all without a name.")] = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """List the functions of the expression language."""
    from queast_runtime.cli.explain import list_functions

    list_functions(name, format)


@app.command()
def trace(
    mapping: MappingName,
    event: Annotated[
        str, typer.Option("--event", metavar="FILE|ID", help="A file with one event, or a stored event's id.")
    ],
    tenant: AnyTenant = None,
    step: Annotated[str | None, typer.Option("--step", help="match, fields or request only.")] = None,
    why_not: Annotated[bool, typer.Option("--why-not", help="Say why each step did not go further.")] = False,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Follow one event through admission, matching, fields and the exact request; nothing is sent."""
    from queast_runtime.cli.trace import run

    run(mapping, event, tenant, step, why_not, store, format)


@app.command("run")
def run_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…|-", help="JSON lines of events; - is standard input.")],
    tenant: Tenant,
    follow: Annotated[bool, typer.Option("--follow", help="Go on reading as the files grow, until SIGTERM.")] = False,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Take events in and deliver them under the tenant's release until nothing is left to do."""
    from queast_runtime.cli.run import run

    run(files, tenant, follow, store, format)


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="0 is any that is free.")] = 8080,
    tenant: Annotated[
        list[str] | None, typer.Option("--tenant", "-t", help="Only this tenant; all that have a release without it.")
    ] = None,
    engine: Annotated[
        bool, typer.Option("--engine/--no-engine", help="Deliver too, or leave that to another process.")
    ] = True,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Take what senders post over HTTP, and deliver, until SIGTERM."""
    from queast_runtime.cli.serve import run

    run(host, port, tenant or [], engine, store, format)


@app.command()
def status(tenant: AnyTenant = None, store: StoreUrl = None, format: AsFormat = Format.TEXT) -> None:
    """Show each connection on a line: state, last success, queue, oldest due, why paused."""
    from queast_runtime.cli.status import run

    run(tenant, store, format)


@deliveries.command("list")
def deliveries_list(
    tenant: Tenant,
    state: Annotated[str | None, typer.Option("--state", help="pending, waiting, unknown, delivered, dead …")] = None,
    connection: Annotated[str | None, typer.Option("--connection", help="Only this connection.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most this many, newest first.")] = 50,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """List deliveries with their state and reason."""
    from queast_runtime.cli.deliveries import list_

    list_(tenant, state, connection, limit, store, format)


@deliveries.command("show")
def deliveries_show(
    delivery: Annotated[str, typer.Argument(metavar="ID")],
    tenant: Tenant,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Show one delivery and each of its attempts."""
    from queast_runtime.cli.deliveries import show as show_delivery

    show_delivery(delivery, tenant, store, format)


def _share(given: float) -> float:
    if not 0 <= given <= 1:
        raise typer.BadParameter("it is a share, from 0 to 1")
    return given


@matching.command("evaluate")
def match_evaluate(
    crm: Annotated[
        Path, typer.Option("--crm", metavar="FILE", help="JSON lines of records: id, name, country, city, domain.")
    ],
    queries: Annotated[
        Path, typer.Option("--queries", metavar="FILE", help="The same with qid for id, and gold and ignore: ids.")
    ],
    connection: Annotated[
        str | None, typer.Option("--connection", help="Use the thresholds of this connection.")
    ] = None,
    tenant: Annotated[str | None, typer.Option("--tenant", "-t", help="Whose connection it is.")] = None,
    root: Root = Path("mappings"),
    rule: Annotated[str, typer.Option("--rule", help="default, plain, supported or both.")] = "default",
    without: Annotated[
        list[str] | None, typer.Option("--without", metavar="KIND", help="Leave out queries of this `kind`.")
    ] = None,
    blank: Annotated[
        float, typer.Option("--blank", callback=_share, help="Leave out this share of countries, cities, domains.")
    ] = 0.0,
    noise: Annotated[
        float, typer.Option("--noise", callback=_share, help="Give this share of them another query's value.")
    ] = 0.0,
    seed: Annotated[int, typer.Option("--seed", help="Which of them.")] = 1,
    baselines: Annotated[
        bool, typer.Option("--baselines/--no-baselines", help="Compare with rapidfuzz, where it is installed.")
    ] = True,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="PNG", help="Draw precision against recall (.png or .svg).")
    ] = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Count right and wrong links by name over queries with known answers; FILE may be .gz."""
    if rule not in ("default", "plain", "supported", "both"):
        raise typer.BadParameter(f"{rule!r} is not one of default, plain, supported, both", param_hint="--rule")
    from queast_runtime.cli.match import Wanted, evaluate
    from queast_runtime.matching.evaluation import Disturbance

    wanted = Wanted(
        crm,
        queries,
        connection,
        tenant,
        root,
        rule,
        tuple(without or ()),
        Disturbance(blank, noise, seed),
        baselines,
        plot,
    )
    evaluate(wanted, format)


@app.command()
def demo(
    format: Annotated[
        Format,
        typer.Option(
            "--format",
            envvar="QMAP_DEMO_FORMAT",
            parser=format_of(Format, "QMAP_DEMO_FORMAT"),
            metavar="[text|json]",
            help="text or json.",
        ),
    ] = Format.TEXT,
    state: Annotated[
        Path | None,
        typer.Option("--state", envvar="QMAP_DEMO_STATE", help="Keep state here and reuse it (default: fresh)."),
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Stay up afterwards, with the review pages.")] = False,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where --serve listens.")] = 8080,
) -> None:
    """Run the example tenants end to end against local doubles and show what happened."""
    from queast_runtime.cli.demo import run

    run(format, state, port if serve else None)


@app.command()
def sandbox(
    seed: Annotated[int, typer.Option("--seed", help="Seed of the fault schedule.")] = 1,
    faults: Annotated[bool, typer.Option("--faults/--no-faults", help="Inject 429, 500, timeouts and resets.")] = True,
    format: AsFormat = Format.TEXT,
) -> None:
    """Start HubSpot and Pipedrive doubles and a webhook receiver on loopback; prints the settings to use them."""
    from queast_runtime.cli.sandbox import run

    run(seed, faults, format)


@app.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as installed

    from queast_runtime.cli.output import data

    data(f"qmap {installed('queast-integrations')}\n")
