"""The entry point of `qmap`: runs a command and turns every ending into a documented exit code.

Nothing is imported here that takes time: whoever stops `qmap` while it loads is met inside of `main`.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run `qmap` with the process's arguments and exit."""
    try:
        code = _run()
    except KeyboardInterrupt:
        # While it loads, or while it says how a command ended.
        code = 130
    sys.exit(code)


def _run() -> int:
    from queast_runtime.cli.exits import CommandError, Exit
    from queast_runtime.cli.output import complain, is_of_stdout, open_streams

    open_streams()
    try:
        from queast_runtime.cli.app import app

        app(prog_name="qmap")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else Exit.OK if ended.code is None else Exit.USAGE
    except CommandError as error:
        complain(str(error), error.help)
        return error.code
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except OSError as error:
        where = error.filename or ("stdout" if is_of_stdout(error) else "the system")
        complain(f"{where}: {error.strerror or error}")
        return Exit.ENVIRONMENT
    except Exception as error:  # noqa: BLE001 - the last door: a bug of ours must end in a sentence and exit 70
        return _report_bug(error)
    return Exit.OK


def _report_bug(error: Exception) -> int:
    import os
    import traceback

    from queast_runtime.cli.exits import Exit
    from queast_runtime.cli.output import Voice, complain

    last = traceback.extract_tb(error.__traceback__)[-1]
    complain(
        f"this is a bug in qmap: {type(error).__name__} in {last.name} "
        f"({os.path.basename(last.filename)}:{last.lineno})",
        "run again with -v for the whole trace, and report it",
    )
    if Voice.verbose:
        traceback.print_exception(error)
    return Exit.BUG
