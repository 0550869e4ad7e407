"""``toyz-glass``: lens models from a file, in a terminal."""

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from toyz_glass.core.constraints import LocalGradient
from toyz_glass.core.ensemble import Ensemble
from toyz_glass.core.errors import LensError
from toyz_glass.core.files import write_csv, write_fits, write_hdf5
from toyz_glass.core.gls import read_gls
from toyz_glass.core.inputs import Settings, read_lens
from toyz_glass.core.joint import joint_hubble
from toyz_glass.core.lens import LensSystem
from toyz_glass.core.results import summary
from toyz_glass.core.sample import sample

_LARGEST = 4 << 20
"""Bytes of a file with a lens."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; gives what the shell is told: 0, or 1 after an error that was said."""
    given = _parser().parse_args(arguments)
    try:
        print(json.dumps(given.run(given)))
    except (LensError, OSError) as problem:
        print(f"toyz-glass: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("toyz-glass: cancelled", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("toyz-glass", description="Free-form models of gravitational lenses.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    model = commands.add_parser("model", help="draw an ensemble of models for one lens")
    model.add_argument(
        "file", type=Path, metavar="FILE", help="the lens as JSON, or a .gls file of GLASS; see docs/glass.md"
    )
    model.add_argument("-o", "--output", type=Path, metavar="ENSEMBLE", help="where to: .h5, .fits or .csv; repeatable",
                       action="append", default=[])  # fmt: skip
    model.add_argument("-n", "--models", type=int, help="in place of what the file says")
    model.add_argument("--seed", type=int, help="in place of what the file says")
    model.add_argument("--threads", type=int, help="by default one for each processor")
    model.add_argument("--quiet", action="store_true", help="show no progress")
    model.set_defaults(run=_model)
    joint = commands.add_parser("joint", help="model several lenses one by one, and find the H0 of all together")
    joint.add_argument("files", type=Path, metavar="FILE", nargs="+", help="a lens each, as for model")
    joint.add_argument("-n", "--models", type=int, default=1000, help="of each lens")
    joint.add_argument("--seed", type=int, default=0)
    joint.add_argument("--angle", type=float, help="of the local gradient, degrees, in place of what the files say")
    joint.set_defaults(run=_joint)
    return parser


def _joint(given: argparse.Namespace) -> dict[str, Any]:
    ensembles = []
    print("| lens | θ_E (arcsec) | H0 (km/s/Mpc) |\n|---|---|---|")
    for path in given.files:
        for lens in _lenses(path)[0]:
            ensemble = sample(_turned(lens, given.angle), given.models, given.seed)
            ensembles.append(ensemble)
            said = (_banded(ensemble.band(ensemble.einstein_radius()), 3), _banded(ensemble.band(ensemble.hubble), 1))
            print(f"| {lens.name} | {said[0]} | {said[1]} |", flush=True)
    together = joint_hubble(ensembles)
    print(f"| all together | | {_banded(together.band, 1)} |")
    return {"H0": [round(float(each), 2) for each in together.band], "lenses": len(ensembles)}


def _turned(lens: LensSystem, angle: float | None) -> LensSystem:
    if angle is None:
        return lens
    others = [rule for rule in lens.constraints if rule.name != LocalGradient.name]
    return replace(lens, constraints=(*others, LocalGradient(angle)))


def _banded(band: Any, digits: int) -> str:
    low, middle, high = (float(each) for each in band)
    return f"{middle:.{digits}f} (+{high - middle:.{digits}f} −{middle - low:.{digits}f})"


def _model(given: argparse.Namespace) -> dict[str, Any]:
    writers = {".h5": write_hdf5, ".hdf5": write_hdf5, ".fits": write_fits, ".csv": write_csv}
    for path in given.output:
        if path.suffix not in writers:
            raise LensError(f"{path}: its name ends in none of {', '.join(writers)}")
    lenses, settings = _lenses(given.file)
    shown = _Shown(None if given.quiet or not sys.stderr.isatty() else sys.stderr)
    models = settings.models if given.models is None else given.models
    seed = settings.seed if given.seed is None else given.seed
    ensemble = sample(lenses, models, seed, threads=given.threads, progress=shown)
    for path in given.output:
        # What was there stays until the new one is whole.
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            writers[path.suffix](ensemble, part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return summary(ensemble)


def _lenses(path: Path) -> tuple[list[LensSystem], Settings]:
    if path.stat().st_size > _LARGEST:
        raise LensError(f"{path}: it is larger than {_LARGEST >> 20} MB")
    if path.suffix == ".gls":
        script = read_gls(path.read_text(encoding="utf-8", errors="replace"))
        for line in script.passed_over:
            print(f"toyz-glass: passed over: {line}", file=sys.stderr)
        return script.lenses, Settings(script.models, script.seed)
    lens, settings = read_lens(_json(path), path.stem)
    return [lens], settings


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as problem:
        raise LensError(f"{path}: it is no JSON ({problem})") from problem


class _Shown:
    """Progress on a terminal."""

    def __init__(self, terminal: TextIO | None) -> None:
        self._terminal = terminal

    def __call__(self, part: float, preview: Ensemble | None) -> None:
        if self._terminal is None:
            return
        del preview
        self._terminal.write(f"\r{part:4.0%}" + ("\n" if part >= 1 else ""))
        self._terminal.flush()


if __name__ == "__main__":
    sys.exit(main())
