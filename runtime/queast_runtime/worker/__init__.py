"""The worker: takes events in, drains connections, and what opens one over a state folder."""

from queast_runtime.worker.loop import RawEvent, Receipt, Worker, stopping_on_signals

__all__ = ["RawEvent", "Receipt", "Worker", "stopping_on_signals"]
