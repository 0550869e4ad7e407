"""No storms of threads: a process has those that it was made with, whatever the libraries in it would like."""

from pathlib import Path

from tests.sessions.rig import looped, make_config, managed, open_window
from toyz_sessions.forkserver import ForkServer

_OWN = 3
"""Of a session without work: the main thread, and two of ZeroMQ."""


@looped
async def test_libraries_bring_no_pools(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path, sandbox=False), forkserver) as manager:
        window = await open_window(manager)
        found = await window.call("pools")
        assert any("blas" in name for name in found["pools"])
        assert set(found["pools"].values()) == {1}
        assert found["threads"] <= _OWN
