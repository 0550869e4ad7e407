"""Files, frames and uploads that chance has made: the server lives, and a session that dies is back at once."""

import json
import os
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed

from tests.abuse.test_websocket import frame, raw
from tests.benchmarks.conftest import Record
from tests.chaos.mutations import SEEDS, mutate
from tests.web.harness import BEARER, Served, Window, served

FRAMES = (
    {"id": "a", "module": "files", "task": "list", "parameters": {"path": "sky"}},
    {"id": "b", "tile": {"image": "x", "level": 0, "x": 0, "y": 0, "style": {"low": 0, "high": 1}}, "priority": 1},
    {"id": "c", "data": {"image": "x", "level": 0, "x": 0, "y": 0}},
    {"id": "d", "cancel": True},
    {"ping": 1},
    {"id": "e", "module": "workspaces", "task": "change", "parameters": {"workspace": "w", "entries": {"note/1": 1}}},
    {"id": "f", "module": "settings", "task": "set", "parameters": {"key": "k", "value": [1, 2, 3]}},
)
ODD: tuple[Any, ...] = (None, True, -1, 10**30, 1e308, "", "\u202e", "\0", [], {}, [[]] * 3, "../..", {"a": {"a": {}}})


class Found:
    """What came of it."""

    def __init__(self) -> None:
        self.tried: Counter[str] = Counter()
        self.deaths: list[str] = []
        self.back: list[float] = []


def fuzz_files(server: Served, share: Path, count: int, seed: int, found: Found) -> None:
    """Have a session open files and show a tile of each."""
    chance = random.Random(seed)
    seeds = {name: make() for name, (_, make) in SEEDS.items()}
    window = Window(server.url)
    for number in range(count):
        name = chance.choice(list(seeds))
        path = share / f"{seed}_{number % 20}.{SEEDS[name][0]}"
        data = mutate(seeds[name], chance)
        path.unlink(missing_ok=True)
        path.write_bytes(data)
        if not show(window, f"f{number}", f"fuzz/{path.name}"):
            (share / f"killed_{len(found.deaths)}_{path.name}").write_bytes(data)
            found.deaths.append(f"{name}, seed {seed}, number {number}")
            print("a session died of", found.deaths[-1], flush=True)
            begin = time.monotonic()
            window.wait_for(lambda each: each.get("event") == "session_restored")
            found.back.append(time.monotonic() - begin)
            # One that dies again and again is waited for longer and longer, which is not looked at here.
            window.close()
            window = Window(server.url)
        found.tried["files"] += 1
        window.seen.clear()
    window.close()


def show(window: Window, id: str, path: str) -> bool:  # noqa: A002
    """Open a file and ask for a tile; False if the session died of it."""
    window.ask(id, "images", "open", path=path)
    answer = window.wait_for(
        lambda each: (
            each.get("event") == "session_lost" or (each.get("id") == id and each["phase"] in ("COMPLETED", "ERROR"))
        )
    )
    if answer.get("event"):
        return False
    if answer["phase"] == "ERROR":
        return bool(answer["error"]["code"] != "session_lost")
    image = answer["result"]["image"]
    window.ask_tile(id, image, answer["result"]["levels"] - 1, 0, 0)
    while id not in window.tiles:
        message = window.receive()
        if isinstance(message, dict) and message.get("event") == "session_lost":
            return False
    window.tiles.clear()
    return True


def fuzz_frames(server: Served, count: int, seed: int, found: Found) -> None:
    """Send frames: JSON with odd values, JSON that is none, and bytes that are no frames."""
    chance = random.Random(seed)
    done = 0
    while done < count:
        assert server.process.poll() is None, "the server died"
        with suppress(OSError), raw(server) as connection:
            for _ in range(chance.randint(1, 200)):
                connection.sendall(odd_frame(chance))
                done += 1
    found.tried["frames"] += done


def odd_frame(chance: random.Random) -> bytes:
    message = json.loads(json.dumps(chance.choice(FRAMES)))
    place = message
    while isinstance(place, dict) and place:
        key = chance.choice(list(place))
        if not isinstance(place[key], dict) or chance.random() < 0.3:
            place[chance.choice((key, "extra"))] = chance.choice(ODD)
            break
        place = place[key]
    text = json.dumps(message).encode()
    kind = chance.random()
    if kind < 0.6:
        return frame(0x81, text)
    if kind < 0.8:
        return frame(0x81, mutate(text, chance)[:60_000])
    if kind < 0.95:
        return frame(chance.randrange(256), mutate(text, chance)[:120])
    return mutate(frame(0x81, text), chance)


def fuzz_uploads(server: Served, count: int, seed: int, found: Found) -> None:
    """Send requests of the upload protocol with odd headers and bodies, byte by byte as chance has made them."""
    chance = random.Random(seed)
    where = urlsplit(server.url)
    assert where.hostname is not None
    base = (
        f"POST /api/uploads HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: {BEARER['Authorization']}\r\n"
        "Tus-Resumable: 1.0.0\r\nUpload-Length: 10\r\nUpload-Metadata: path bGFiL2E=,sha256 YQ==\r\n"
        "Content-Length: 0\r\n\r\n"
    ).encode()
    patch = base.replace(b"POST /api/uploads", b"PATCH /api/uploads/x").replace(
        b"Content-Length: 0\r\n\r\n",
        b"Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: 10\r\n\r\n0123456789",
    )
    for _ in range(count):
        with suppress(OSError), socket.create_connection((where.hostname, where.port or 80), timeout=5) as connection:
            connection.sendall(mutate(chance.choice((base, patch)), chance))
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(5)
            while connection.recv(65536):
                pass
        found.tried["uploads"] += 1


def test_mutations(tmp_path: Path, pytestconfig: pytest.Config, record: Record) -> None:
    total = int(pytestconfig.getoption("--mutations", 1000))
    share, lab = tmp_path / "fuzz", tmp_path / "lab"
    share.mkdir()
    lab.mkdir()
    found, errors = Found(), list[BaseException]()
    toml = f'[limits]\ngrace = 0.5\n[shares]\nlab = {{path = "{lab}", write = true}}\n'
    with served(tmp_path, share=share, toml=toml) as server:
        parts: list[tuple[Callable[..., None], tuple[Any, ...]]] = [
            (fuzz_files, (server, share, total * 3 // 10, 1, found)),
            (fuzz_files, (server, share, total * 3 // 10, 2, found)),
            (fuzz_frames, (server, total * 3 // 10, 3, found)),
            (fuzz_uploads, (server, total // 10, 4, found)),
        ]

        def run(work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
            try:
                work(*arguments)
            except (AssertionError, OSError, TimeoutError, ConnectionClosed, KeyError) as error:
                errors.append(error)

        threads = [threading.Thread(target=run, args=part) for part in parts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.process.poll() is None, "the server died"
        assert server.http.get("healthz").status_code == 200
        worst = [line for line in server.log if "Traceback" in str(line) and line.get("logger", "").startswith("toyz.")]
        for line in server.foreign_log:
            print("a library wrote", line)
    assert errors == []
    for kind, count in found.tried.items():
        record(f"mutated {kind}", count, "")
    record("deaths of the server", 0, "", bar="0")
    record("sessions that died", len(found.deaths), "")
    if found.back:
        record("until a session was back, slowest", max(found.back), "s", bar="≤ 1 s")
    assert worst == [], worst[:3]
    assert not [name for name in os.listdir(lab) if not name.startswith(".")]
