"""How long each spawner takes, and what its processes hold: ``python -m tests.benchmarks.spawners [ACCOUNT]``."""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import psutil

from tests.sessions.rig import Listener, make_config
from toyz_sessions.files import grants_of
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.manager import SessionManager
from toyz_sessions.spawners import make_spawner

COUNT = 40


async def measure(spawner: str, folder: Path, user: str) -> str:
    """Start sessions one after the other, and say how that was."""
    config = msgspec.structs.replace(make_config(folder), spawner=spawner)
    Path(config.cache).mkdir(exist_ok=True)  # noqa: ASYNC240
    server = ForkServer(make_spawner(config))
    await server.start()
    manager = SessionManager(config, forkserver=server)
    await manager.start()
    grants = [
        msgspec.structs.replace(grant, cache=str(server.spawner.cache(grant.name, user))) for grant in grants_of(config)
    ]
    took, held = [], []
    for number in range(COUNT):
        began = time.perf_counter()
        handle = await manager.open(f"w{number}", user, grants, Listener())
        took.append((time.perf_counter() - began) * 1e3)
        process = psutil.Process(handle.pid)
        family = [process, *process.children(recursive=True)]
        held.append(sum(each.memory_full_info().uss for each in family) / 1e6)
        await handle.end()
    await manager.close()
    await server.close()
    middle = statistics.median(took)
    return f"{spawner}: {min(took):.1f} ms at least, {middle:.1f} as a rule; {statistics.median(held):.1f} MB"


def main() -> None:
    """Measure; the spawner ``account`` only for an account that is named."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        for spawner in ("fork", "bubblewrap", *(("account",) if len(sys.argv) > 1 else ())):
            print(asyncio.run(measure(spawner, Path(made), sys.argv[1] if spawner == "account" else "ann")))


if __name__ == "__main__":
    main()
