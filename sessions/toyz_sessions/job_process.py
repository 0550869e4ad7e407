"""A job: the process of one call of a long task."""

from pkgutil import resolve_name

from toyz_sessions import priority
from toyz_sessions.entry import enter
from toyz_sessions.errand import Errand
from toyz_sessions.job_call import JobCall
from toyz_sessions.job_context import JobContext
from toyz_sessions.order import Order
from toyz_sessions.sandbox import session_rules


def run_job(order: Order, call: JobCall) -> None:
    """Run one task, tell how it goes and how it ended."""
    run_task = resolve_name(call.runner)
    registry = resolve_name(call.registry)()
    entered = enter(order, lambda: session_rules(order.grants, order.folder), nice=priority.JOB)
    errand = Errand(call.id, f"{call.module}.{call.task}", order.bounds)
    context = JobContext(errand, call.module, order, entered.shares, registry, entered.channel.send)

    def do() -> bytes:
        result: bytes = run_task(registry, call.module, call.task, call.parameters, context)
        return result

    entered.ready()
    errand.run(entered.channel, do)
