"""Learn what the plugins declare without importing them here.

The server runs `probe_plugins`: it starts ``python -m toyz_extensions.describe`` in a process
that is thrown away, and reads its manifest. If that process crashes or hangs, every plugin is
tried in a process of its own, the culprits are named, and the rest is probed without them.
"""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from toyz_extensions.loader import SKIP_VARIABLE, find_candidates, skip_text, skipped_names
from toyz_extensions.plugin_manifest import HUNG, Manifest, PluginFailure

TIMEOUT = 20.0
"""Seconds that one plugin may take to import."""
_MARGIN = 20.0
_AT_ONCE = 2


@dataclass(frozen=True)
class _Outcome:
    """What one probing process came to: a manifest, or the reason why there is none."""

    manifest: Manifest | None
    reason: str = ""


async def probe_plugins(timeout: float = TIMEOUT) -> Manifest:  # noqa: ASYNC109 - it is not a deadline of this call
    """Ask a disposable process what the installed plugins declare.

    Parameters
    ----------
    timeout : float
        Seconds that the import of one plugin may take.

    Returns
    -------
    Manifest
        Its `skip` names the plugins that crash or hang; whoever starts a process that loads
        the registry sets ``TOYZ_SKIP_PLUGINS`` to it (`environment`).
    """
    off = skipped_names()
    names = list(dict.fromkeys(candidate.name for candidate in find_candidates() if candidate.name not in off))
    everything = await _run_probe(names, off, timeout)
    if everything.manifest is not None:
        return everything.manifest
    culprits = await _find_culprits(names, timeout)
    outcome = await _run_probe(names, off | culprits.keys(), timeout)
    if outcome.manifest is None:
        culprits |= {name: f"it, or a plugin beside it, {outcome.reason}" for name in names if name not in culprits}
        outcome = await _run_probe(names, off | culprits.keys(), timeout)
    manifest = outcome.manifest or Manifest()
    failures = [failure for failure in manifest.failures if failure.name not in culprits]
    failures += [PluginFailure(name, reason) for name, reason in culprits.items()]
    return msgspec.structs.replace(manifest, failures=tuple(failures), skip=tuple(sorted(off | culprits.keys())))


def environment(manifest: Manifest) -> dict[str, str]:
    """Give the variables for a process that loads the registry, so that it passes by what crashes."""
    return {SKIP_VARIABLE: skip_text(manifest.skip)}


async def _find_culprits(names: Iterable[str], timeout: float) -> dict[str, str]:  # noqa: ASYNC109
    """Try every plugin alone and say what is wrong with those that end or hang their process."""
    names = list(names)
    turn = asyncio.Semaphore(_AT_ONCE)

    async def alone(name: str) -> str:
        async with turn:
            return (await _run_probe([name], [other for other in names if other != name], timeout)).reason

    reasons = await asyncio.gather(*(alone(name) for name in names))
    return {name: f"it {reason}" for name, reason in zip(names, reasons, strict=True) if reason}


async def _run_probe(names: list[str], skip: Iterable[str], timeout: float) -> _Outcome:  # noqa: ASYNC109
    """Run one probing process to its end, which is forced when all its plugins had their time."""
    variables = os.environ | {
        SKIP_VARIABLE: skip_text(skip),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    with tempfile.TemporaryDirectory(prefix="toyz-probe-") as folder:
        output = Path(folder) / "manifest.json"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "toyz_extensions.describe", str(output), f"--timeout={timeout}"),
            stdin=asyncio.subprocess.DEVNULL,
            env=variables,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(_MARGIN + timeout * (1 + len(names))):
                status = await process.wait()
        except TimeoutError:
            return _Outcome(None, "did not finish in time")
        finally:
            await _end(process)
        return _outcome(output, status, timeout)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the probe, if it still runs, and what its plugins started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _outcome(output: Path, status: int, seconds: float) -> _Outcome:
    if status == 0 and output.is_file():
        with contextlib.suppress(msgspec.MsgspecError):
            return _Outcome(msgspec.json.decode(output.read_bytes(), type=Manifest))
    if status < 0:
        return _Outcome(None, f"crashes Python when it is imported ({signal.strsignal(-status)}, signal {-status})")
    hung = output.with_suffix(HUNG)
    if hung.is_file() and hung.stat().st_size > 0:
        return _Outcome(None, f"does not finish its import within {seconds:g} s")
    return _Outcome(None, f"ends Python when it is imported (exit status {status})")
