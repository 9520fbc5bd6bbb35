"""`python -m queast_runtime.worker TENANT [FILE…]`: take JSON lines in, drain until idle; SIGTERM drains and ends.

The smallest process that does a worker's work: no command line beyond this, no parser of tenants' files is loaded.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from queast_runtime.observability.log import log_to, warn
from queast_runtime.ports.rows import StoreBusy
from queast_runtime.security.sealing import open_sealer
from queast_runtime.settings import SettingsError, load_settings, open_state
from queast_runtime.store.open import open_store
from queast_runtime.worker.clock import SystemClock
from queast_runtime.worker.loop import stopping_on_signals
from queast_runtime.worker.opening import SettingUnusable, WorkerRefused, opened_worker

_EXIT_ENVIRONMENT, _EXIT_REFUSED = 5, 6


def main(arguments: Sequence[str]) -> int:
    """Return the exit code: 0 idle or stopped, 2 usage, 5 environment, 6 a release that is refused."""
    if not arguments:
        warn("usage", line="python -m queast_runtime.worker TENANT [FILE...]")
        return 2
    log_to()
    try:
        asyncio.run(_work(arguments[0], [Path(name) for name in arguments[1:]]))
    except StoreBusy as error:
        warn("store busy", reason=str(error))
        return _EXIT_ENVIRONMENT
    except (SettingsError, SettingUnusable) as error:
        warn("setting unusable", reason=str(error))
        return _EXIT_ENVIRONMENT
    except WorkerRefused as error:
        warn("refused", reason=str(error))
        return _EXIT_REFUSED
    return 0


async def _work(tenant: str, files: Sequence[Path]) -> None:
    settings = load_settings()
    state = open_state(settings)
    store = open_store(settings.store_url, open_sealer(state, SystemClock()))
    stop = asyncio.Event()
    try:
        async with opened_worker(settings, state, store, [tenant]) as worker:
            with stopping_on_signals(stop):
                await worker.submit(_lines(files), tenant)
                await worker.run_until_idle(stop)
    finally:
        store.close()


def _lines(files: Sequence[Path]) -> Iterator[bytes]:
    for file in files:
        with file.open("rb") as stream:
            yield from (line for line in stream if line.strip())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
