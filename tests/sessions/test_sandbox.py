"""What a locked-in session can and cannot do, tried inside one."""

import os
import socket
from pathlib import Path

import pytest

from tests.sessions.rig import Listener, Window, looped, make_config, managed, open_window
from toyz.errors import ToyzError
from toyz_sessions import landlock, sandbox, seccomp
from toyz_sessions.files import grants_of
from toyz_sessions.forkserver import ForkServer

pytestmark = pytest.mark.skipif(not sandbox.sandbox_available(), reason="this kernel has no Landlock")


@looped
async def test_only_shares_are_read(tmp_path: Path, forkserver: ForkServer) -> None:
    secret, beside = tmp_path / "state" / "secret", tmp_path / "data-secret"
    for path in (secret, beside / "a"):
        path.parent.mkdir()
        path.write_text("secret")
    async with managed(make_config(tmp_path), forkserver) as manager:
        (tmp_path / "data" / "a.txt").write_text("stars")
        (tmp_path / "data" / "way_out").symlink_to(secret)
        window = await open_window(manager)
        assert await window.call("read", path=str(tmp_path / "data" / "a.txt")) == "stars"
        for path in (secret, beside / "a", tmp_path / "data" / "way_out", Path("/etc/passwd"), Path(__file__)):
            assert path.exists()
            with pytest.raises(ToyzError, match="PermissionError"):
                await window.call("read", path=str(path))


@looped
async def test_environment_and_memory_of_the_server_are_out_of_reach(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path), forkserver) as manager:
        window, other = await open_window(manager), await open_window(manager, "w2")
        for pid in (os.getpid(), other.handle.pid):
            with pytest.raises(ToyzError, match="PermissionError"):
                await window.call("read", path=f"/proc/{pid}/environ")
        who = await window.call("who")
        assert "TOYZ_TOKEN" not in who["environ"]
        with pytest.raises(ToyzError, match="PermissionError"):
            await window.call("write", path=f"{(await other.call('who'))['scratch']}/x")


@pytest.mark.parametrize("write", [False, True])
def test_shares_are_written_only_if_granted(tmp_path: Path, forkserver: ForkServer, write: bool) -> None:
    @looped
    async def run() -> None:
        async with managed(make_config(tmp_path, write=write), forkserver) as manager:
            window = await open_window(manager)
            path = tmp_path / "data" / "new.txt"
            if write:
                await window.call("write", path=str(path))
                assert path.read_text() == "written"
            else:
                with pytest.raises(ToyzError, match="PermissionError"):
                    await window.call("write", path=str(path))
                path.write_text("kept")
                for name, arguments in (
                    ("truncate", [str(path), 0]),
                    ("remove", [str(path)]),
                    ("rename", [str(path), str(path) + "2"]),
                ):
                    with pytest.raises(ToyzError, match="PermissionError"):
                        await window.call("call", module="os", name=name, arguments=arguments)
                assert path.read_text() == "kept"
            with pytest.raises(ToyzError, match="PermissionError"):
                await window.call("write", path=str(tmp_path / "cache" / "data" / "x.pyramid"))

    run()


@looped
async def test_scratch_is_writable_and_temporary_files_land_there(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path), forkserver) as manager:
        window = await open_window(manager)
        scratch = (await window.call("who"))["scratch"]
        await window.call("write", path=f"{scratch}/x")
        made = await window.call("call", module="tempfile", name="mkdtemp", arguments=[])
        assert scratch in made


@looped
async def test_no_network(tmp_path: Path, forkserver: ForkServer) -> None:
    """A server listens, so that only the sandbox can be what refuses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        async with managed(make_config(tmp_path), forkserver) as manager:
            window = await open_window(manager)
            for family, kind in (("AF_INET", "SOCK_STREAM"), ("AF_INET", "SOCK_DGRAM"), ("AF_INET6", "SOCK_STREAM")):
                with pytest.raises(ToyzError, match="PermissionError"):
                    await window.call("connect", family=family, kind=kind, port=port)
        async with managed(make_config(tmp_path, sandbox=False), forkserver) as manager:
            window = await open_window(manager)
            assert await window.call("connect", family="AF_INET", kind="SOCK_STREAM", port=port)


@looped
async def test_other_processes_are_out_of_reach(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path), forkserver) as manager:
        window, other = await open_window(manager), await open_window(manager, "w2")
        if landlock.abi() >= 6:
            with pytest.raises(ToyzError, match="PermissionError"):
                await window.call("call", module="os", name="kill", arguments=[other.handle.pid, 0])
        with pytest.raises(ToyzError, match="PermissionError"):
            await window.call("call", module="subprocess", name="check_output", arguments=[["/bin/true"]])
        assert other.listener.lost == []


@looped
async def test_late_imports_and_late_tables_work(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path), forkserver) as manager:
        window = await open_window(manager)
        for module, name, arguments in (
            ("zoneinfo", "ZoneInfo", ["America/Santiago"]),
            ("sqlite3", "connect", [":memory:"]),
            ("wave", "Error", []),
            ("astropy.table", "Table", []),
            ("astropy.time", "Time", ["2026-01-01"]),
            ("os", "urandom", [4]),
            ("codecs", "lookup", ["mac-roman"]),
            ("concurrent.futures", "ThreadPoolExecutor", [2]),
        ):
            assert await window.call("call", module=module, name=name, arguments=arguments)


@looped
async def test_sky_positions_work_offline(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path), forkserver) as manager:
        window = await open_window(manager)
        longitude, latitude = await window.call("galactic", ra=266.405, dec=-28.936)
        assert abs(longitude) < 0.01
        assert abs(latitude) < 0.01


@looped
async def test_users_do_not_see_each_others_shares(tmp_path: Path, forkserver: ForkServer) -> None:
    config = make_config(tmp_path)
    (tmp_path / "data" / "a.txt").write_text("stars")
    async with managed(config, forkserver) as manager:
        listener = Listener()
        handle = await manager.open("w", "bob", (), listener)
        await listener.until(lambda: listener.ready == [1])
        window = Window(handle, listener)
        with pytest.raises(ToyzError, match="there is no data"):
            await window.call("open", path="data/a.txt")
        with pytest.raises(ToyzError, match="PermissionError"):
            await window.call("read", path=str(tmp_path / "data" / "a.txt"))
        assert grants_of(config)[0].name == "data"


def test_refusal_names_the_way_out() -> None:
    assert "--no-sandbox" in sandbox.REFUSAL


def test_without_landlock_the_sandbox_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    assert not sandbox.sandbox_available()


def test_unknown_machines_have_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "pdp11")
    assert not seccomp.available()


def test_code_is_granted_but_not_what_lies_beside_it() -> None:
    folders = sandbox.code_folders()
    assert any((Path(sandbox.__file__)).is_relative_to(folder) for folder in folders)
    root = Path(__file__).parents[2]
    assert not any(root.is_relative_to(folder) for folder in folders)
    assert Path.home() not in folders
