"""A job: the process of one call of a long task."""

import os
from pkgutil import resolve_name

import msgspec

from toyz_sessions.entry import enter
from toyz_sessions.errand import Errand
from toyz_sessions.job_context import JobContext
from toyz_sessions.order import Order
from toyz_sessions.sandbox import session_rules

_NICE = 5
"""Sessions, in which somebody waits for a tile, go first."""


class JobCall(msgspec.Struct, frozen=True, kw_only=True):
    """What a job is to do.

    Attributes
    ----------
    id, module, task : str
    parameters : bytes
        JSON.
    runner, registry : str
        ``module:attribute`` of what runs a task, and of what gives the registry.
    """

    id: str
    module: str
    task: str
    parameters: bytes
    runner: str = "toyz_sessions.dispatch:run_task"
    registry: str = "toyz_extensions.registry:load_registry"


def run_job(order: Order, call: JobCall) -> None:
    """Run one task, tell how it goes and how it ended."""
    os.nice(_NICE)
    run_task = resolve_name(call.runner)
    registry = resolve_name(call.registry)()
    entered = enter(order, lambda: session_rules(order.grants, order.folder))
    errand = Errand(call.id, f"{call.module}.{call.task}")
    context = JobContext(errand, call.module, order, entered.shares, registry, entered.channel.send)

    def do() -> bytes:
        result: bytes = run_task(registry, call.module, call.task, call.parameters, context)
        return result

    entered.ready()
    errand.run(entered.channel, do)
