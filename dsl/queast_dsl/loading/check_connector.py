"""What a manifest's schema cannot say: names are declared, writes can be repeated or found again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.nearest import nearest
from queast_dsl.document.connector import Connector, JsonObject
from queast_dsl.loading.nodes import Node, Step, at, key_at

_PATH_NAMES = frozenset({"version", "partner_id"})


class _Check:
    def __init__(self, tree: Node, diagnostics: Diagnostics) -> None:
        self._tree = tree
        self._diagnostics = diagnostics
        self.ok = True

    def known(self, what: str, name: str, known: Iterable[str], *path: Step) -> None:
        """Report `name`, found at `path`, where it is none of `known`."""
        names = sorted(known)
        if name not in names:
            near = nearest(name, names)
            help = f"did you mean `{near}`?" if near else f"declared: {', '.join(names) or 'none'}"
            self.report("QM603", f"manifest declares no {what} `{name}`", path, help)

    def report(self, code: str, message: str, path: tuple[Step, ...], help: str) -> None:
        node = at(self._tree, path) or key_at(self._tree, path[:-1]) or self._tree
        self._diagnostics.report(code, message, node.span, help=help)
        self.ok = False


def check_connector(connector: Connector, tree: Node, diagnostics: Diagnostics) -> bool:
    """Return whether the manifest holds together; say where it does not."""
    check = _Check(tree, diagnostics)
    runtime = connector.runtime
    check.known("object", connector.signal_destination.value, connector.objects, "signal_destination")
    check.known("credential", runtime["auth"]["credential"], connector.credentials, "auth", "credential")
    if (runtime["api"]["base_url"] is None) is not connector.needs_url:
        check.report(
            "QM603",
            "manifest must have `api.base_url` or ask the connection for a URL, one of the two",
            ("api", "base_url"),
            "set `base_url: null` together with `connection.needs_url: true`",
        )
    for name, value in runtime["objects"].items():
        _object(check, name, value, runtime["objects"])
    return check.ok


def _object(check: _Check, name: str, value: JsonObject, objects: JsonObject) -> None:
    where = ("objects", name)
    fields: JsonObject = value["fields"]
    reads: JsonObject = value.get("reads", {})
    attach: JsonObject = value.get("attach", {})
    for target in attach:
        check.known("object", target, objects, *where, "attach", target)
    for at_index, column in enumerate(value.get("read", ())):
        check.known("property", column, fields, *where, "read", at_index)
    for at_index, column in enumerate(value.get("match", {}).get("domain_to", ())):
        check.known("property", column, fields, *where, "match", "domain_to", at_index)
    for kind, path in value.get("match", {}).get("card", {}).items():
        check.known("property", path.partition(".")[0], fields, *where, "match", "card", kind)
    matching: JsonObject = value.get("match", {})
    if ("domain_from" in matching) != ("domain_to" in matching):
        given, missing = sorted(("domain_from", "domain_to"), key=lambda each: each not in matching)
        check.report(
            "QM603",
            f"`{name}` says `{given}` and not what is compared with it",
            (*where, "match", given),
            f"add `{missing}`, or remove `{given}`",
        )
    if "reference" in value:
        check.known("property", value["reference"]["property"], fields, *where, "reference", "property")
    if value["action"] == "upsert" and "list" not in reads:
        check.known("read", "list", reads, *where, "action")
    if value["action"] == "upsert" and "update" in value["operations"] and "ids" not in reads.get("read", {}):
        check.report(
            "QM603",
            f"`{name}` is updated, and what a record holds cannot be read before",
            (*where, "operations", "update"),
            "declare `reads.read`, a read by id (with `ids`)",
        )
    for op_name, op in value["operations"].items():
        here = (*where, "operations", op_name)
        _places(check, op, attach, here)
        _answer(check, op, here)
        if not op["idempotent"] and "reconcile" not in op:
            check.report(
                "QM602",
                f"`{name}.{op_name}` can neither be repeated nor found again",
                (*here, "idempotent"),
                "declare `reconcile`, or say how a repeat is recognised and set `idempotent: true`",
            )
        for kind in ("looks", "existing"):
            for index, look in enumerate(op.get("reconcile", {}).get(kind, ())):
                check.known("read", look["op"], reads, *here, "reconcile", kind, index, "op")
                if look["property"] != "external_id":
                    check.known("property", look["property"], fields, *here, "reconcile", kind, index, "property")
    for read_name, read in reads.items():
        here = (*where, "reads", read_name)
        _places(check, read, attach, here)
        if "one" in read:
            of_one = [each for each, spec in reads.items() if "{partner_id}" in spec["path"]]
            check.known("read of one record", read["one"], of_one, *here, "one")
        if "then" in read:
            by_id = [each for each, spec in reads.items() if "ids" in spec]
            check.known("read by id", read["then"], by_id, *here, "then")
    for index, entry in enumerate(value.get("lookup", ())):
        for at_index, op_name in enumerate(entry["ops"]):
            check.known("read", op_name, reads, *where, "lookup", index, "ops", at_index)


def _answer(check: _Check, op: JsonObject, where: tuple[Step, ...]) -> None:
    answer: JsonObject | None = op.get("answer")
    if "batch" in op and (answer is None or "results" not in answer or "match" not in answer):
        check.report(
            "QM603",
            "a batch needs `answer.results` and `answer.match`, or its items cannot be told apart",
            (*where, "batch"),
            "say where the results stand and which of their values belongs to which item",
        )
    if "batch" not in op and answer is not None and "record" not in answer:
        check.report(
            "QM603",
            "a single write needs `answer.record`",
            (*where, "answer"),
            "say where the record stands (empty text: the answer itself)",
        )


def _places(check: _Check, spec: JsonObject, attach: JsonObject, where: tuple[Step, ...]) -> None:
    """Check what the path's `{…}` and the body's `$links` and `links.…` speak of."""
    for part in spec["path"].split("{")[1:]:
        name = part.partition("}")[0]
        if name.startswith("links."):
            check.known("link to", name.removeprefix("links."), attach, *where, "path")
        else:
            check.known("path value", name, _PATH_NAMES, *where, "path")
    for key in ("query", "body"):
        for target in _links(spec.get(key)):
            check.known("link to", target, attach, *where, key)


def _links(template: object) -> Iterator[str]:
    match template:
        case dict():
            for key, value in template.items():
                if key == "$links":
                    yield str(value)
                elif key == "$get" and str(value).startswith("links."):
                    yield str(value).removeprefix("links.")
                else:
                    yield from _links(value)
        case list():
            for item in template:
                yield from _links(item)
        case _:
            return
