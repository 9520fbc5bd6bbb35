"""`qmap init`: lay a tenant's repository out, or propose a first mapping for a connection that is there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from queast_dsl.loading import tenants
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.init.kinds import BEGINNINGS
from queast_runtime.cli.init.laying import Laid, lay
from queast_runtime.cli.init.naming import is_name, tenant_name
from queast_runtime.cli.init.scaffold import Ci, Wanted, repository_files, tenant_files
from queast_runtime.cli.init.steps import numbered, steps
from queast_runtime.cli.output import Format, data, data_json, say
from queast_runtime.cli.places import CONNECTIONS, DEFAULT_ROOT
from queast_runtime.cli.wording import counted

_DEFAULT = "hubspot"


@dataclass(frozen=True, slots=True)
class Asked:
    """What `qmap init` was called with."""

    folder: Path
    beginning: str | None = None
    tenant: str | None = None
    ci: Ci | None = None
    format: Format = Format.TEXT


def run(asked: Asked) -> None:
    """Write what is missing in the folder, overwrite nothing, and say what to type next. Raises CommandError."""
    if asked.folder.exists() and not asked.folder.is_dir():
        raise CommandError(Exit.USAGE, f"{asked.folder} is a file", "name a folder, new or not")
    there = tenants(asked.folder / DEFAULT_ROOT)
    if asked.beginning is not None and asked.beginning not in BEGINNINGS:
        from queast_runtime.cli.init.importing import propose

        propose(asked.folder, asked.beginning, asked.tenant, asked.format)
        return
    wanted = Wanted(_tenant(asked, there), BEGINNINGS[asked.beginning or _DEFAULT], asked.ci)
    is_new = not (asked.folder / DEFAULT_ROOT / wanted.tenant / CONNECTIONS).exists()
    if not is_new and asked.beginning is not None:
        raise CommandError(
            Exit.USAGE,
            f"tenant {wanted.tenant} has its {CONNECTIONS} already, and nothing of it is changed",
            "name another tenant with --tenant, or a connection of this one: --from CONNECTION",
        )
    laid = lay(asked.folder, _files(wanted, asked.folder, is_new))
    _report(asked, wanted, laid, is_new)


def _tenant(asked: Asked, there: tuple[str, ...]) -> str:
    """The tenant that was named, else the one that is there, else one that is called like the folder."""
    if asked.tenant is not None:
        if not is_name(asked.tenant):
            raise CommandError(
                Exit.USAGE,
                f"{asked.tenant} cannot name a tenant",
                "small letters, digits and single hyphens, a letter first, at most 63",
            )
        return asked.tenant
    if len(there) > 1:
        raise CommandError(Exit.USAGE, f"there are several tenants: {', '.join(there)}", "name one with --tenant")
    if there:
        return there[0]
    name = tenant_name(asked.folder.resolve().name)
    if name is None:
        raise CommandError(
            Exit.USAGE, f"no tenant can be called like the folder {asked.folder.resolve().name!r}", "name it: --tenant"
        )
    say(f"the tenant is called {name}, like the folder (another name: --tenant)")
    return name


def _files(wanted: Wanted, folder: Path, is_new: bool) -> dict[str, bytes]:
    around = repository_files(wanted)
    if not is_new:
        # The tenant's own files are as somebody wrote them; what is added would be about other ones. So would a README:
        # one that is there is told of as kept.
        if not (folder / "README.md").exists():
            around.pop("README.md")
        return around
    made = {**tenant_files(wanted, datetime.now(UTC)), **around}
    return {**made, **_schemas(wanted, made), **_lock(wanted, made)}


def _below_root(made: Mapping[str, bytes]) -> dict[str, bytes]:
    prefix = f"{DEFAULT_ROOT.as_posix()}/"
    return {path.removeprefix(prefix): content for path, content in made.items() if path.startswith(prefix)}


def _lock(wanted: Wanted, made: Mapping[str, bytes]) -> dict[str, bytes]:
    """What of Queast's the first mapping rests on."""
    from queast_dsl.diagnostics import Diagnostics
    from queast_dsl.loading.build_lock import LOCK
    from queast_runtime.cli.compiling import compile_sources
    from queast_runtime.cli.update import lock_text

    _, compiled = compile_sources(
        DEFAULT_ROOT, wanted.tenant, _below_root(made), Diagnostics(), bases=None, connectors=None
    )
    return {f"{DEFAULT_ROOT.as_posix()}/{wanted.tenant}/{LOCK}": lock_text(compiled.pins)}


def _schemas(wanted: Wanted, made: Mapping[str, bytes]) -> dict[str, bytes]:
    """What the first lines of the documents point editors to."""
    from queast_compiler.editor import document_names, document_schema
    from queast_runtime.cli.schema import FOLDER, schema_of_connection

    root = DEFAULT_ROOT.as_posix()
    own = schema_of_connection(DEFAULT_ROOT, wanted.tenant, wanted.beginning.connection, _below_root(made))
    schemas = {f"{root}/{wanted.tenant}/{FOLDER}/{wanted.beginning.connection}.schema.json": own}
    for name in sorted({"connections", "policy", "tests"} & set(document_names())):
        schemas[f"{root}/{FOLDER}/{name}.schema.json"] = document_schema(name)
    return {path: (json.dumps(each, ensure_ascii=False, indent=2) + "\n").encode() for path, each in schemas.items()}


def _report(asked: Asked, wanted: Wanted, laid: Laid, is_new: bool) -> None:
    to = None if asked.folder.resolve() == Path.cwd() else asked.folder.as_posix()
    next_steps = steps(wanted.tenant, wanted.beginning.kind, change_to=to) if is_new else ()
    if asked.format is Format.JSON:
        data_json(
            {
                "tenant": wanted.tenant,
                "written": list(laid.written),
                "kept": list(laid.kept),
                "next": [command for command, _ in next_steps],
            }
        )
        return
    data("".join(f"{path}\n" for path in laid.written))
    for path in laid.kept:
        say(f"{path} is there already, and left alone")
    if not is_new:
        say(f"tenant {wanted.tenant} is there already, and left alone")
        say(f"{counted(len(laid.written), 'file')} written")
        return
    say(f"{counted(len(laid.written), 'file')} written: {wanted.beginning.says}, for the tenant {wanted.tenant}")
    if asked.beginning is None:
        say("for another beginning: --from pipedrive, webhook or inbound")
    say(f"\nnext\n{numbered(next_steps)}")
    say("\nwhat is marked PLACEHOLDER in it is for you to fill in once this works; so are the teams in CODEOWNERS")
    if asked.ci is None:
        say("continuous integration: qmap init --ci github, or --ci gitlab")
