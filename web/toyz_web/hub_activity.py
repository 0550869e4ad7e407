"""Telling a JupyterHub when a single-user server was used last, so that it is not culled while it is."""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from toyz_web.ways.elsewhere import Elsewhere, Refused
from toyz_web.ways.hub_environment import HubEnvironment
from toyz_web.ways.way import Unavailable

log = structlog.get_logger("toyz.jupyterhub")


async def report_activity(hub: HubEnvironment, last_use: Callable[[], float]) -> None:
    """Report for as long as the task runs.

    Parameters
    ----------
    hub : HubEnvironment
    last_use : callable
        Gives when the server was used last, in seconds since the epoch.
    """
    elsewhere, told = Elsewhere("JupyterHub"), 0.0
    try:
        while True:
            used = last_use()
            if used > told and await _report(elsewhere, hub, used):
                told = used
            # Many servers that were started together do not report together.
            await asyncio.sleep(hub.activity_interval * random.uniform(0.9, 1.1))
    finally:
        await elsewhere.close()


async def _report(elsewhere: Elsewhere, hub: HubEnvironment, used: float) -> bool:
    moment = datetime.fromtimestamp(used, UTC).isoformat().replace("+00:00", "Z")
    body = {"servers": {hub.server: {"last_activity": moment}}, "last_activity": moment}
    headers = {"Authorization": f"token {hub.api_token}"}
    try:
        await elsewhere.ask("POST", hub.activity_url, json=body, headers=headers)
    except Refused as error:
        log.warning("the Hub does not take the report of activity", status=error.status)
        return False
    except Unavailable:
        return False
    return True
