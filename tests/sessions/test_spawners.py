"""The three ways to start processes, each with real ones."""

import asyncio
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from tests.sessions.rig import (
    STANDIN,
    Listener,
    Window,
    alive,
    children_of,
    exists,
    looped,
    make_config,
    wait_until_gone,
)
from tests.sessions.test_job_manager import Desk
from toyz.config import Config
from toyz.errors import BadRequest, Forbidden, SessionLost, ToyzError
from toyz.jobs import Phase
from toyz_sessions.files import grants_of
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.manager import SessionManager
from toyz_sessions.messages import Build, BuildUpdate, Grant
from toyz_sessions.spawners import make_spawner
from toyz_sessions.spawners.bubblewrap import problem_of_bubblewrap

NO_BUBBLEWRAP = problem_of_bubblewrap()
bubblewrapped = pytest.mark.skipif(bool(NO_BUBBLEWRAP), reason=f"bubblewrap: {NO_BUBBLEWRAP}")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root (CAP_SETUID, CAP_CHOWN) starts processes as others")


@pytest.fixture(scope="module")
def account() -> Iterator[str]:
    """Make an account, and remove it."""
    name = f"toyz-{secrets.token_hex(4)}"
    subprocess.run(["useradd", "--no-create-home", "--shell", "/usr/sbin/nologin", name], check=True)
    yield name
    subprocess.run(["userdel", name], check=True)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Give a folder that every account can reach, as those of pytest cannot be."""
    made = Path(tempfile.mkdtemp(prefix="toyz-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def server_of_accounts(folder: Path) -> Iterator[ForkServer]:
    config = msgspec.structs.replace(make_config(folder, write=True), spawner="account")
    Path(config.cache).mkdir(exist_ok=True)
    server = ForkServer(make_spawner(config))
    asyncio.run(server.start())
    yield server
    asyncio.run(server.close())


@pytest.fixture(scope="module")
def server_of_bubbles(folder: Path) -> Iterator[ForkServer]:
    server = ForkServer(make_spawner(msgspec.structs.replace(make_config(folder), spawner="bubblewrap")))
    asyncio.run(server.start())
    yield server
    asyncio.run(server.close())


async def open_as(manager: SessionManager, user: str, grants: Sequence[Grant], name: str = "w1") -> Window:
    listener = Listener()
    handle = await manager.open(name, user, grants, listener)
    await listener.until(lambda: listener.ready == [1])
    return Window(handle, listener)


def grants_for(config: Config, server: ForkServer, user: str) -> tuple[Grant, ...]:
    return tuple(
        msgspec.structs.replace(grant, cache=str(server.spawner.cache(grant.name, user))) for grant in grants_of(config)
    )


async def build(manager: SessionManager, grant: Grant, user: str) -> BuildUpdate:
    words = Path(grant.path) / "copy"
    words.write_text("copy 1")
    words.chmod(0o644)
    ended: asyncio.Future[BuildUpdate] = asyncio.get_running_loop().create_future()
    wanted = Build(secrets.token_hex(8), "decompress", grant.name, words.name, "")

    def notify(update: BuildUpdate) -> None:
        if update.phase.final and not ended.done():
            ended.set_result(update)

    manager.builders._runner = "tests.sessions.build_work:run"
    manager.builders.request(wanted, grant, notify, user)
    return await ended


# ---- the user's own account -------------------------------------------------------------


@as_root
@looped
async def test_a_session_is_the_user_and_the_systems_permissions_hold(
    folder: Path, server_of_accounts: ForkServer, account: str
) -> None:
    config = msgspec.structs.replace(make_config(folder, write=True), spawner="account")
    share, found = folder / "data", pwd.getpwnam(account)
    share.chmod(0o777)
    (share / "open.txt").write_text("stars")
    (share / "closed.txt").write_text("secret")
    (share / "closed.txt").chmod(0o600)
    manager = SessionManager(config, workshop=STANDIN, forkserver=server_of_accounts)
    await manager.start()
    try:
        window = await open_as(manager, account, grants_for(config, server_of_accounts, account))
        assert await window.call("call", module="os", name="getresuid", arguments=[]) == str((found.pw_uid,) * 3)
        assert await window.call("call", module="os", name="getgroups", arguments=[]) == str([found.pw_gid])
        assert await window.call("open", path="data/open.txt") == "stars"
        with pytest.raises(Forbidden):
            await window.call("open", path="data/closed.txt")
        await window.call("write", path=str(share / "mine.txt"))
        assert (share / "mine.txt").stat().st_uid == found.pw_uid
        scratch = (await window.call("who"))["scratch"]
        await window.call("write", path=f"{scratch}/x")
        for change in ("setuid", "setgid"):
            with pytest.raises(ToyzError, match="PermissionError"):
                await window.call("call", module="os", name=change, arguments=[0])
        pid = window.handle.pid
        await window.handle.end()
        assert not alive(pid)
        assert not exists(scratch)
    finally:
        await manager.close()


@as_root
@looped
async def test_jobs_and_builders_are_the_user_too(folder: Path, server_of_accounts: ForkServer, account: str) -> None:
    config = msgspec.structs.replace(make_config(folder, write=True), spawner="account")
    (folder / "data" / "secret.txt").write_text("secret")
    (folder / "data" / "secret.txt").chmod(0o600)
    at = Desk(config, server_of_accounts)
    grants = grants_for(config, server_of_accounts, account)
    job = await at.manager.submit(account, grants, "standin", "read", b'{"path": "data/secret.txt"}')
    done = await at.until(lambda update: update.id == job.id and update.phase.final)
    assert done.error is not None
    assert done.error.code == "forbidden"
    manager = SessionManager(config, workshop=STANDIN, forkserver=server_of_accounts)
    await manager.start()
    try:
        update = await build(manager, grants[0], account)
        assert update.phase is Phase.COMPLETED, update.error
        (made,) = await asyncio.to_thread(lambda: list(Path(grants[0].cache).glob("*.unpacked")))
        assert made.stat().st_uid == pwd.getpwnam(account).pw_uid
        assert made.parent.stat().st_mode & 0o777 == 0o700
    finally:
        await manager.close()


@as_root
@pytest.mark.parametrize(
    ("user", "said"),
    [
        ("root", "account of the system"),
        ("daemon", "account of the system"),
        ("nobody", "account of the system"),
        ("no-such-user", "there is no account 'no-such-user'"),
        ("anonymous", "not signed in"),
        ("../root", "there is no account"),
    ],
)
def test_nobody_becomes_the_system(folder: Path, server_of_accounts: ForkServer, user: str, said: str) -> None:
    @looped
    async def run() -> None:
        config = msgspec.structs.replace(make_config(folder, write=True), spawner="account")
        manager = SessionManager(config, workshop=STANDIN, forkserver=server_of_accounts)
        await manager.start()
        try:
            with pytest.raises(Forbidden, match=said):
                await manager.open("w", user, (), Listener())
        finally:
            await manager.close()

    run()


@as_root
def test_a_folder_that_is_closed_to_others_is_refused_at_the_start(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    config = Config(cache=str(tmp_path / "cache"), spawner="account")
    with pytest.raises(BadRequest, match=r"closed to others; name another with --cache"):
        make_spawner(config).check()


def test_who_is_not_root_becomes_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(BadRequest, match="must run as root"):
        make_spawner(Config(spawner="account")).check()


# ---- bubblewrap -------------------------------------------------------------------------


@bubblewrapped
@pytest.mark.parametrize("sandbox", [True, False])
def test_a_session_in_bubblewrap_sees_its_share_and_nothing_else(
    folder: Path, server_of_bubbles: ForkServer, sandbox: bool
) -> None:
    @looped
    async def run() -> None:
        config = msgspec.structs.replace(make_config(folder, sandbox=sandbox), spawner="bubblewrap")
        (folder / "data" / "a.txt").write_text("stars")
        manager = SessionManager(config, workshop=STANDIN, forkserver=server_of_bubbles)
        await manager.start()
        try:
            window = await open_as(manager, "ann", grants_of(config))
            other = await open_as(manager, "ann", grants_of(config), "w2")
            assert await window.call("open", path="data/a.txt") == "stars"
            scratch = (await other.call("who"))["scratch"]
            for path in ("/etc/passwd", "/var", "/run", scratch, str(folder / "cache" / "other")):
                with pytest.raises(ToyzError, match="FileNotFoundError"):
                    await window.call("call", module="os", name="stat", arguments=[path])
            for pid in (os.getpid(), other.handle.pid):
                with pytest.raises(ToyzError, match=r"ProcessLookupError|PermissionError"):
                    await window.call("call", module="os", name="kill", arguments=[pid, 0])
            await window.call("write", path=f"{(await window.call('who'))['scratch']}/x")
            with pytest.raises(ToyzError, match=r"Read-only|PermissionError"):
                await window.call("write", path=str(folder / "data" / "new.txt"))
            if not sandbox:
                seen = await window.call("call", module="os", name="listdir", arguments=["/proc"])
                assert len([name for name in seen.split("'") if name.isdigit()]) < 8
                with socket.create_server(("127.0.0.1", 0)) as server:
                    port = server.getsockname()[1]
                    with pytest.raises(ToyzError, match="ConnectionRefused"):
                        await window.call("connect", family="AF_INET", kind="SOCK_STREAM", port=port)
        finally:
            await manager.close()

    run()


@bubblewrapped
@looped
async def test_a_session_in_bubblewrap_that_dies_is_started_again(folder: Path, server_of_bubbles: ForkServer) -> None:
    config = msgspec.structs.replace(make_config(folder), spawner="bubblewrap")
    manager = SessionManager(config, workshop=STANDIN, forkserver=server_of_bubbles)
    await manager.start()
    try:
        window = await open_as(manager, "ann", grants_of(config))
        with pytest.raises(SessionLost, match="it failed"):
            await window.call("exit", code=3)
        await window.listener.until(lambda: window.listener.ready == [1, 2])
        os.kill(window.handle.pid, 9)
        await window.listener.until(lambda: window.listener.ready == [1, 2, 3])
        assert await window.call("echo", a=1) == {"a": 1}
    finally:
        await manager.close()


@bubblewrapped
@looped
async def test_jobs_and_builders_in_bubblewrap(folder: Path, server_of_bubbles: ForkServer) -> None:
    config = msgspec.structs.replace(make_config(folder, write=True), spawner="bubblewrap")
    at = Desk(config, server_of_bubbles)
    assert (await at.run("add", a=1, b=2)).result["sum"] == 3
    failed = await at.run("segfault")
    assert failed.error is not None
    assert "SIGSEGV" in failed.error.message
    mark = folder / "data" / "mark"
    job = await at.submit("wait", listen=True, mark=str(mark))
    await at.until(lambda update: update.id == job.id and update.message == "waiting")
    assert (await at.manager.cancel("ann", job.id)).phase is Phase.ABORTED
    assert mark.exists(), "it was asked to end before it was killed"
    await at.manager.close()
    manager = SessionManager(config, workshop=STANDIN, forkserver=server_of_bubbles)
    await manager.start()
    try:
        update = await build(manager, grants_of(config)[0], "ann")
        assert update.phase is Phase.COMPLETED, update.error
    finally:
        await manager.close()


@bubblewrapped
def test_nothing_is_left_when_the_server_is_gone(folder: Path, server_of_bubbles: ForkServer) -> None:
    @looped
    async def run() -> None:
        config = msgspec.structs.replace(make_config(folder), spawner="bubblewrap")
        own = ForkServer(make_spawner(config))
        await own.start()
        manager = SessionManager(config, workshop=STANDIN, forkserver=own)
        await manager.start()
        window = await open_as(manager, "ann", grants_of(config))
        pids = children_of(window.handle.pid)
        assert len(pids) >= 4
        os.kill(own.pid, 9)
        assert await asyncio.to_thread(wait_until_gone, pids, 5.0) < 5.0
        await manager.close()
        await own.close()

    run()


def test_what_is_missing_for_bubblewrap_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(BadRequest, match="there is no program bwrap"):
        make_spawner(Config(spawner="bubblewrap")).check()
