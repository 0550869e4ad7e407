"""Ensembles as files: HDF5 with all that they were made from, mass maps as FITS, figures of the models as CSV."""

import csv
import json
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core.chains import Convergence
from toyz_glass.core.ensemble import Ensemble
from toyz_glass.core.errors import BadInput
from toyz_glass.core.inputs import read_lens, write_lens

Array = NDArray[np.float64]
FORMAT = 1
"""Of the HDF5 files."""
_MADE_BY = ("toyz", "numpy", "scipy", "numba", "h5py", "astropy")


def provenance(ensemble: Ensemble) -> dict[str, Any]:
    """Give from what, by what and when an ensemble was made."""
    return {
        "lenses": [{"name": lens.name, **write_lens(lens)} for lens in ensemble.lenses],
        "cosmologies": [repr(lens.cosmology) for lens in ensemble.lenses],
        "models": len(ensemble),
        "seed": ensemble.seed,
        "seconds": ensemble.seconds,
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in _MADE_BY}},
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def write_hdf5(ensemble: Ensemble, path: Path) -> None:
    """Write an ensemble with its provenance.

    ``unknowns`` (models, unknowns), ``weights`` and ``chain`` (models,), ``rhat`` and ``ess`` (unknowns,); for each
    lens a group ``lens0``, … with ``kappa`` (models, pixels), ``positions`` (pixels, 2) and ``sides`` (pixels,) in
    arcsec; ``H0`` (models,) in km/s/Mpc. The attribute ``provenance`` is JSON.

    Parameters
    ----------
    ensemble : Ensemble
    path : Path
    """
    import h5py  # noqa: PLC0415 (only who writes or reads files needs it)

    with h5py.File(path, "w") as file:
        file.attrs["format"] = FORMAT
        file.attrs["provenance"] = json.dumps(provenance(ensemble))
        file["unknowns"] = ensemble.unknowns
        file["weights"] = ensemble.weights
        file["chain"] = ensemble.chain
        file["rhat"], file["ess"] = ensemble.convergence.rhat, ensemble.convergence.ess
        file["H0"] = ensemble.hubble
        file["H0"].attrs["unit"] = "km/s/Mpc"
        for number, lens in enumerate(ensemble.lenses):
            group = file.create_group(f"lens{number}")
            group.create_dataset("kappa", data=ensemble.kappa(number), compression="gzip", shuffle=True)
            for name, values in (("positions", lens.grid.positions), ("sides", lens.grid.sides)):
                group[name] = values
                group[name].attrs["unit"] = "arcsec"
            for source in range(len(lens.sources)):
                group[f"einstein_radius{source}"] = ensemble.einstein_radius(source, number)
                group[f"delays{source}"] = ensemble.delays(source, number)


def read_hdf5(path: Path) -> Ensemble:
    """Read an ensemble that `write_hdf5` has written.

    The cosmology is the one of the file's settings; one that was given as an object is taken to be the usual one.

    Raises
    ------
    BadInput
        If it is no such file.
    """
    import h5py  # noqa: PLC0415 (as above)

    try:
        with h5py.File(path, "r") as file:
            made: Mapping[str, Any] = json.loads(str(file.attrs["provenance"]))
            if int(file.attrs["format"]) != FORMAT:
                raise BadInput(f"it has the format {file.attrs['format']}; this program reads {FORMAT}", path.name)
            arrays = {name: np.asarray(file[name]) for name in ("unknowns", "weights", "chain", "rhat", "ess")}
    except (OSError, KeyError, ValueError) as problem:
        raise BadInput("it is no ensemble in HDF5", path.name) from problem
    lenses = []
    for given in made["lenses"]:
        name = str(given.pop("name"))
        lenses.append(read_lens(given, name)[0])
    found = Convergence(arrays["rhat"], arrays["ess"])
    chain = arrays["chain"].astype(np.intp)
    return Ensemble(lenses, arrays["unknowns"], chain, found, arrays["weights"], int(made["seed"]), made["seconds"])


def write_fits(ensemble: Ensemble, path: Path, lens: int = 0, centre: tuple[float, float] | None = None) -> None:
    """Write mass maps for a source at infinity: the mean, and the quantiles 16, 50 and 84 % of each pixel.

    Parameters
    ----------
    ensemble : Ensemble
    path : Path
    lens : int
    centre : (float, float), optional
        Right ascension and declination of the lens centre, degrees (ICRS): the map then has a celestial WCS with y
        to the north and x to the west. Without it, the WCS is in arcsec from the centre.
    """
    from astropy.io import fits  # noqa: PLC0415 (slow to import)

    grid = ensemble.lenses[lens].grid
    kappa = ensemble.kappa(lens)
    mean = grid.raster(np.average(kappa, axis=0, weights=ensemble.weights)[None])[0]
    header = _wcs_header(grid.side / grid.split, len(mean), centre)
    header["BUNIT"] = ("", "convergence, source at infinity")
    header["OBJECT"] = ensemble.lenses[lens].name[:60]
    units = [fits.PrimaryHDU(mean.astype(np.float32), header)]
    for name, quantile in zip(("P16", "P50", "P84"), ensemble.band(kappa), strict=True):
        units.append(fits.ImageHDU(grid.raster(quantile[None])[0].astype(np.float32), header, name=name))
    fits.HDUList(units).writeto(path, overwrite=True)


def _wcs_header(step: float, size: int, centre: tuple[float, float] | None) -> Any:
    """Give a header for a square map whose middle is the lens centre; `step` is arcsec a pixel."""
    from astropy.io import fits  # noqa: PLC0415 (as above)

    header = fits.Header()
    header["CRPIX1"] = header["CRPIX2"] = (size + 1) / 2
    if centre is None:
        for axis, name in ((1, "XOFFSET"), (2, "YOFFSET")):
            header[f"CTYPE{axis}"], header[f"CUNIT{axis}"] = name, "arcsec"
            header[f"CRVAL{axis}"], header[f"CDELT{axis}"] = 0.0, step
        return header
    header["CTYPE1"], header["CTYPE2"] = "RA---TAN", "DEC--TAN"
    header["CUNIT1"] = header["CUNIT2"] = "deg"
    header["CRVAL1"], header["CRVAL2"] = centre
    # x runs to the west, where right ascensions fall.
    header["CDELT1"], header["CDELT2"] = -step / 3600, step / 3600
    header["RADESYS"] = "ICRS"
    return header


def write_csv(ensemble: Ensemble, path: Path, lens: int = 0) -> None:
    """Write a line for each model: H0, θ_E and the delays of each source, its position, and the other potentials."""
    columns: dict[str, Array] = {"H0_km_s_Mpc": ensemble.hubble, "weight": ensemble.weights}
    system = ensemble.lenses[lens]
    for source in range(len(system.sources)):
        mark = f"_{source + 1}" if len(system.sources) > 1 else ""
        columns[f"einstein_radius{mark}_arcsec"] = ensemble.einstein_radius(source, lens)
        x, y = ensemble.beta(source, lens).T
        columns[f"source{mark}_x_arcsec"], columns[f"source{mark}_y_arcsec"] = x, y
        for image, delay in enumerate(ensemble.delays(source, lens).T[1:], 2):
            columns[f"delay{mark}_image_{image}_days"] = delay
    for number, potential in enumerate(system.potentials):
        for name, values in zip(potential.parameters, ensemble.parameters(number, lens).T, strict=True):
            columns[f"{potential.name}_{name}".replace(" ", "_")] = values
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["model", *columns])
        for number, row in enumerate(np.column_stack(list(columns.values())).tolist()):
            lines.writerow([number, *(f"{value:.8g}" for value in row)])
