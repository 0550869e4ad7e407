"""A server to be killed: starts sessions (one of them stuck in C), prints the pids, and waits."""

import asyncio
import json
import os
import sys
from pathlib import Path

from tests.sessions.rig import STANDIN, make_config, open_window
from toyz_sessions.manager import SessionManager

IMPORTED_AS = __name__
"""A child that imported the main script again would import the web server in earnest."""


async def main(folder: Path) -> None:
    manager = SessionManager(make_config(folder), workshop=STANDIN)
    await manager.start()
    windows = [await open_window(manager, str(number)) for number in range(3)]
    windows[0].post("block", seconds=120)
    modules = await windows[1].call("call", module="sys", name="intern", arguments=["x"])
    mains = await windows[1].call("main_modules")
    print(json.dumps({"pids": [window.handle.pid for window in windows], "mains": mains, "ok": modules}), flush=True)
    if "--graceful" in sys.argv:
        await manager.close()
        return
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
    os.close(1)
