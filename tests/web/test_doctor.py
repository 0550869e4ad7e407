"""``toyz doctor``, and what administrators are told of the sandbox."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.harness import Served, served
from tests.web.test_accounts import PASSWORD, cookie_of, done
from toyz.config import Config, Limits, Share
from toyz_sessions import landlock, layers, seccomp
from toyz_web.doctor import Level, places, settings, shares
from toyz_web.doctor import examine as examine_all
from toyz_web.doctor.finding import Finding


def doctor(*options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "toyz_web.cli", "doctor", *options],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def found(findings: Iterable[Finding], name: str) -> Finding:
    return next(finding for finding in findings if finding.name == name)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(state=str(tmp_path / "state"), cache=str(tmp_path / "cache"))


def test_the_report_says_each_thing_for_people_and_for_programs(tmp_path: Path) -> None:
    options = ("--state", str(tmp_path / "state"))
    said, told = doctor(*options), doctor(*options, "--json")
    report = json.loads(told.stdout)
    assert list(report) == ["Sandbox", "Host", "Software", "Folders", "Shares", "Configuration"]
    every = [each for part in report.values() for each in part]
    names = {each["name"] for each in every}
    assert {
        "Landlock: files",
        "seccomp",
        "spawner fork",
        "cgroups",
        "open files (ulimit -n)",
        "clock",
        "cfitsio",
    } <= names
    assert {
        "state: free",
        "state: file system",
        "cache: file system",
        "database",
        "listening",
        "compiled kernels",
    } <= names
    assert {each["level"] for each in every} <= {"ok", "warn", "bad"}
    for each in every:
        assert each["found"]
        assert each["level"] == "ok" or (each["means"] and each["advice"]), each
    assert told.returncode == said.returncode == int(any(each["level"] == "bad" for each in every))
    assert "Landlock: files" in said.stdout
    assert said.stdout.rstrip().endswith("bad")
    assert said.stderr == ""


def test_mistakes_are_bad_and_end_with_one(tmp_path: Path) -> None:
    file = tmp_path / "toyz.toml"
    file.write_text('host = "0.0.0.0"\ntoken = "letmein-letmein-letmein"\nsandbox = false\n')
    file.chmod(0o644)
    told = doctor("--state", str(tmp_path / "state"), "--config", str(file), "--json")
    assert told.returncode == 1
    bad = {each["name"] for part in json.loads(told.stdout).values() for each in part if each["level"] == "bad"}
    assert {"listening", "configuration file", "sandbox"} <= bad
    assert "letmein" not in told.stdout


def test_the_state_folder_and_the_database(tmp_path: Path, config: Config) -> None:
    state = Path(config.state)
    assert found(places.examine(config), "database").found == "none yet"
    state.mkdir(mode=0o755)
    (state / "token").write_text("x")
    (state / "token").chmod(0o644)
    assert found(places.examine(config), "state: mode").level is Level.BAD
    assert found(places.examine(config), "state: token").level is Level.BAD
    with sqlite3.connect(state / "toyz.sqlite") as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 500,)] * 1000)
    connection.close()
    assert found(places.examine(config), "database").level is Level.OK
    damaged = bytearray((state / "toyz.sqlite").read_bytes())
    damaged[4096:200_000] = os.urandom(200_000 - 4096)
    (state / "toyz.sqlite").write_bytes(damaged)
    assert found(places.examine(config), "database").level is Level.BAD


def test_shares_that_are_not_what_they_are_granted_for(tmp_path: Path, config: Config) -> None:
    (tmp_path / "data" / "deep").mkdir(parents=True)
    given = (
        Share(name="gone", path=str(tmp_path / "gone")),
        Share(name="data", path=str(tmp_path / "data")),
        Share(name="deep", path=str(tmp_path / "data" / "deep")),
    )
    findings = list(shares.examine(Config(shares=given, state=config.state, cache=config.cache)))
    assert found(findings, "gone").level is Level.BAD
    assert found(findings, "data").level is Level.OK
    assert "overlap" in found(findings, "deep: place").means


@pytest.mark.parametrize(
    ("options", "name", "level"),
    [
        ({"host": "192.0.2.1"}, "listening", Level.BAD),
        ({"host": "192.0.2.1", "https": True}, "listening", Level.OK),
        ({"host": "localhost"}, "listening", Level.OK),
        ({"token": "short"}, "token", Level.BAD),
        ({"cors_origins": ("*",)}, "cors_origins", Level.WARN),
        ({"certificate": "/nowhere/cert.pem"}, "TLS key", Level.BAD),
    ],
)
def test_settings_that_are_mistakes(options: dict[str, Any], name: str, level: Level) -> None:
    assert found(settings.examine(Config(**options)), name).level is level


def test_an_older_kernel_is_told_what_each_missing_layer_means(monkeypatch: pytest.MonkeyPatch, config: Config) -> None:
    monkeypatch.setattr(landlock, "abi", lambda: 2)
    monkeypatch.setattr(seccomp, "available", lambda: False)
    assert [layer.name for layer in layers.missing(config)] == [
        "Landlock: truncation",
        "Landlock: TCP",
        "Landlock: signals",
        "seccomp",
    ]
    assert layers.holds(config)
    findings = examine_all(config)["Sandbox"]
    assert found(findings, "Landlock: TCP").level is Level.WARN
    assert "Linux 6.7" in found(findings, "Landlock: TCP").advice
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    assert not layers.holds(config)
    assert layers.holds(Config(spawner="bubblewrap"))
    assert found(examine_all(config)["Sandbox"], "sandbox").level is Level.BAD


def test_more_than_the_machine_has_is_said(config: Config) -> None:
    greedy = Config(state=config.state, cache=config.cache, limits=Limits(sessions=10**6, job_memory=1 << 45))
    findings = examine_all(greedy)["Host"]
    assert found(findings, "memory").level is Level.WARN
    assert found(findings, "open files (ulimit -n)").level is Level.WARN


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("lab")
    with served(folder) as running:
        yield running


def test_only_administrators_are_told_of_the_sandbox(lab: Served) -> None:
    with lab.window() as window:
        answer = window.call("a", "admin", "sandbox")
        assert answer["on"] is True
        assert answer["spawner"] == "fork"
        assert {layer["name"] for layer in answer["layers"]} >= {"Landlock: files", "seccomp", "Accounts"}
    done(lab.folder, "user", "add", "ada", "--password-stdin", given=PASSWORD + "\n")
    with lab.window(headers=cookie_of(lab, "ada")) as window:
        assert window.error("a", "admin", "sandbox")["code"] == "forbidden"
