"""The files of ``examples/deploy``: what checks them is what reads them in earnest."""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

from toyz.config import load_config

DEPLOY = Path(__file__).parents[2] / "examples" / "deploy"
NEEDED = (
    "landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp prctl openat2 renameat2 link fchown "
    "flock fdatasync preadv2 vfork clone3 setsid setpriority sched_setscheduler mbind prlimit64"
)
"""System calls that a server and its sessions were seen to make (by strace), and that are not everybody's."""


def _analyze(*arguments: str) -> "subprocess.CompletedProcess[str]":
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze on this machine")
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Give the unit with a program and a user that are there."""
    text = (DEPLOY / "toyz.service").read_text(encoding="utf-8")
    assert text.count("/opt/toyz/bin/toyz") == 1
    path = tmp_path / "toyz.service"
    program = Path(sys.executable).with_name("toyz")
    path.write_text(text.replace("/opt/toyz/bin/toyz", str(program)))
    return path


def test_systemd_reads_the_unit(unit: Path) -> None:
    answer = _analyze("verify", "--man=no", str(unit))
    words = [line for line in answer.stderr.splitlines() if unit.name in line]
    assert (answer.returncode, words) == (0, []), answer.stderr


def test_the_unit_leaves_little_to_whoever_breaks_out(unit: Path) -> None:
    answer = _analyze("security", "--offline=true", "--threshold=25", str(unit))
    assert answer.returncode == 0, answer.stdout[-1500:]


def _calls(names: Iterable[str]) -> set[str]:
    """Give the system calls that these names, of calls and of sets of calls, stand for."""
    found: set[str] = set()
    for name in names:
        if not name.startswith("@"):
            found.add(name)
            continue
        answer = _analyze("syscall-filter", name)
        assert answer.returncode == 0, answer.stderr
        lines = (line.strip() for line in answer.stdout.splitlines()[1:])
        found |= _calls(line for line in lines if line and not line.startswith("#"))
    return found


def test_the_unit_allows_what_holds_sessions_in_place(unit: Path) -> None:
    allowed: set[str] = set()
    for line in unit.read_text().splitlines():
        option, _, value = line.partition("=")
        if option == "SystemCallFilter":
            named = _calls(value.removeprefix("~").split())
            allowed = allowed - named if value.startswith("~") else allowed | named
    assert set(NEEDED.split()) <= allowed
    assert {"ptrace", "mount", "setuid", "reboot", "bpf"}.isdisjoint(allowed)


def test_the_configuration_is_one(tmp_path: Path) -> None:
    text = (DEPLOY / "toyz.toml").read_text(encoding="utf-8")
    for share in ("decam", "lab"):
        (tmp_path / share).mkdir()
        text = text.replace(f"/data/{share}", str(tmp_path / share))
    (tmp_path / "toyz.toml").write_text(text)
    config = load_config(str(tmp_path / "toyz.toml"))
    assert (config.base_url, config.secure) == ("/toyz/", True)
    assert set(tomllib.loads(text)) <= {*config.__struct_fields__}
