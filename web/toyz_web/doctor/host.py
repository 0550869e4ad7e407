"""The kernel and the machine."""

import os
import platform
import resource
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from toyz.config import Config
from toyz_sessions import layers
from toyz_sessions.bounds import size_text
from toyz_sessions.spawners import SPAWNERS, make_spawner
from toyz_sessions.spawners.bubblewrap import problem_of_bubblewrap
from toyz_web.doctor.finding import Finding, Level, judged

_SHARED = Path("/dev/shm")  # noqa: S108 - looked at, not used
_DESCRIPTORS_EACH = 6
"""Descriptors of the server for one session: its channel, its pipes, its socket."""
_OLDEST, _LATEST = 1_735_689_600.0, 4_102_444_800.0
"""2025 and 2100: a clock outside makes links and logins expire at once, or never."""


def sandbox(config: Config) -> Iterator[Finding]:
    """The layers, and whether the spawner works."""
    if not config.sandbox:
        yield Finding(
            "sandbox",
            Level.BAD,
            "off",
            "a hostile file reaches all that the server's account may",
            "Leave out --no-sandbox.",
        )
    elif not layers.holds(config):
        yield Finding(
            "sandbox", Level.BAD, "none", "the server does not start without --no-sandbox", "Use Linux 5.13 or later."
        )
    for layer in layers.layers(config):
        if layer.in_force or layer.name in layers.OPTIONAL:
            yield Finding(layer.name, Level.OK, f"{layer.found}{'' if layer.in_force else ', not in use'}")
        else:
            yield Finding(layer.name, Level.WARN, layer.found, layer.without, layer.advice)
    yield judged(
        "account of the server",
        f"uid {os.geteuid()}",
        good=os.geteuid() != 0 or config.spawner == "account",
        means="it is root: the sandbox is all that is between a hostile file and the machine",
        advice="Run it as an account of its own, or with --spawner account.",
    )
    yield _spawner(config)
    yield _cgroups()


def resources(config: Config) -> Iterator[Finding]:
    """What there is of everything."""
    yield Finding("kernel", Level.OK, f"{platform.system()} {platform.release()} {platform.machine()}")
    yield _processors()
    yield _memory(config)
    yield _descriptors(config)
    hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    wanted = config.limits.sessions * 12
    yield judged(
        "processes (ulimit -u)",
        "unlimited" if hard == resource.RLIM_INFINITY else str(hard),
        good=hard == resource.RLIM_INFINITY or hard >= wanted,
        means=f"{config.limits.sessions} sessions have about {wanted} processes and threads",
        advice="Raise TasksMax= of the unit, or nproc in /etc/security/limits.conf.",
    )
    yield judged(
        str(_SHARED),
        size_text(shutil.disk_usage(_SHARED).total) if _SHARED.is_dir() else "none",
        good=_SHARED.is_dir(),
        means="libraries of plugins may need it in the server's own tools; sessions never have it",
        advice="Mount a tmpfs there.",
    )
    autogroup = Path("/proc/sys/kernel/sched_autogroup_enabled")
    yield Finding(
        "autogroup", Level.OK, "on" if autogroup.is_file() and autogroup.read_text().strip() == "1" else "off"
    )
    now = time.time()
    yield judged(
        "clock",
        time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(now)),
        good=_OLDEST < now < _LATEST,
        means="logins and signed links expire at once, or never",
        advice="Set the clock; run a time service.",
        worst=Level.BAD,
    )


def _spawner(config: Config) -> Finding:
    try:
        make_spawner(config).check()
    except Exception as error:
        return Finding(f"spawner {config.spawner}", Level.BAD, "does not work", str(error), "See docs/sandbox.md.")
    problem = problem_of_bubblewrap()
    others = ", ".join(sorted(set(SPAWNERS) - {config.spawner}))
    return Finding(
        f"spawner {config.spawner}",
        Level.OK,
        f"works; there are {others} too; bubblewrap {'works' if not problem else 'does not: ' + problem}",
    )


def _cgroups() -> Finding:
    """Whether this process may make groups of its own in version 2 (systemd: ``Delegate=yes``)."""
    own = next((line[3:] for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::")), "")
    folder = Path("/sys/fs/cgroup") / own.lstrip("/")
    delegated = (folder / "cgroup.procs").is_file() and os.access(folder, os.W_OK)
    found = "version 2, delegated" if delegated else "version 2, not delegated" if own else "no version 2"
    # Toyz counts what the processes of a job use by itself, so this is no lack.
    return Finding("cgroups", Level.OK, f"{found} (not needed)")


def _processors() -> Finding:
    count = len(os.sched_getaffinity(0))
    return judged(
        "processors",
        str(count),
        good=count >= 2,
        means="builds of pyramids hold up who looks",
        advice="Give it two or more.",
    )


def _memory(config: Config) -> Finding:
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limits = config.limits
    wanted = limits.jobs * limits.job_memory + limits.builders * (1 << 30)
    return judged(
        "memory",
        size_text(total),
        good=total >= wanted,
        means=f"{limits.jobs} jobs may use {size_text(limits.jobs * limits.job_memory)}",
        advice="Lower limits.jobs or limits.job_memory; what runs out of memory first is a job, never the server.",
    )


def _descriptors(config: Config) -> Finding:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = config.limits.sessions * _DESCRIPTORS_EACH + 200
    return judged(
        "open files (ulimit -n)",
        str(hard),
        good=hard >= wanted,
        means=f"{config.limits.sessions} sessions need about {wanted} descriptors",
        advice="Raise LimitNOFILE= of the unit, or nofile in /etc/security/limits.conf; or lower limits.sessions.",
    )
