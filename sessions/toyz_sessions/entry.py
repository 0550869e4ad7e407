"""How every process begins: tied to the server, limited, locked in, connected."""

import os
import tempfile
from collections.abc import Callable, Sequence
from typing import NamedTuple

from toyz_sessions import priority, sandbox
from toyz_sessions.files import Shares
from toyz_sessions.landlock import Rule
from toyz_sessions.lifeline import tie_to_server
from toyz_sessions.limits import apply_limits
from toyz_sessions.logs import log_to_channel
from toyz_sessions.messages import Ready
from toyz_sessions.order import Order
from toyz_sessions.session_channel import SessionChannel
from toyz_sessions.spawners import SPAWNERS


class Entered(NamedTuple):
    """A process that may begin its work; once it can take messages it says so with `ready`."""

    channel: SessionChannel
    shares: Shares
    sandboxed: bool

    def ready(self) -> None:
        """Tell the server that this process listens."""
        self.channel.send(Ready(os.getpid(), self.sandboxed))


def enter(order: Order, rules: Callable[[], Sequence[Rule]], *, nice: int = 0, alone: bool | None = None) -> Entered:
    """Make this process what the order says, and give the ways to work.

    Parameters
    ----------
    order : Order
    rules : callable
        Gives what may be touched.
    nice : int, optional
        How far this process steps aside for others.
    alone : bool, optional
        Whether it may start no other; as its bounds say by default.

    Raises
    ------
    SystemExit
        If it could not be locked in; the server has been told why.
    """
    spawner = SPAWNERS[order.spawner]
    problem = _try(lambda: spawner.confine(order.place, rules))
    lifeline = tie_to_server()
    if nice:
        priority.lower_process(nice)
    apply_limits(order.bounds, counted_alone=spawner.counted_alone)
    _settle(order.scratch)
    shares = Shares(order.grants)
    alone = order.bounds.alone if alone is None else alone
    if order.sandbox and not problem:
        problem = _try(lambda: sandbox.lock(rules(), alone=alone))
    channel = SessionChannel(order.endpoint, lifeline)
    if order.sandbox and not problem and channel.connected():
        problem = _try(sandbox.disconnect)
    if problem:
        channel.send(Ready(os.getpid(), sandboxed=False, problem=problem))
        channel.close()
        raise SystemExit(1)
    log_to_channel(channel)
    return Entered(channel, shares, order.sandbox)


def _try(step: Callable[[], None]) -> str:
    """Take a step of the sandbox; give what went wrong."""
    try:
        step()
    except OSError as error:
        return f"the sandbox could not be made: {os.strerror(error.errno or 0).lower()}"
    return ""


def _settle(scratch: str) -> None:
    """Have libraries that write their own files write them into the scratch folder."""
    os.umask(0o077)
    os.chdir(scratch)
    for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        os.environ[name] = scratch
    tempfile.tempdir = scratch
