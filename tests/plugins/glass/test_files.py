"""The command, and the files that it writes."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

from tests.plugins.glass.lenses import pg1115
from tests.plugins.glass.test_gls import HEAD, TAIL
from tests.plugins.glass.test_gls import LENS as LENS_OF_GLASS
from tests.plugins.glass.test_inputs import LENS
from toyz_glass.cli import main
from toyz_glass.core.ensemble import Ensemble
from toyz_glass.core.errors import BadInput
from toyz_glass.core.files import read_hdf5, write_csv, write_fits, write_hdf5
from toyz_glass.core.sample import sample

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def ensemble() -> Ensemble:
    return sample(pg1115(pixrad=5, split=3), 60, seed=4)


def test_hdf5_holds_all_and_comes_back(ensemble: Ensemble, tmp_path: Path) -> None:
    write_hdf5(ensemble, tmp_path / "e.h5")
    again = read_hdf5(tmp_path / "e.h5")
    assert np.array_equal(again.unknowns, ensemble.unknowns)
    assert np.array_equal(again.convergence.rhat, ensemble.convergence.rhat, equal_nan=True)
    assert again.lenses[0].sources == ensemble.lenses[0].sources
    assert np.allclose(again.einstein_radius(), ensemble.einstein_radius())
    with h5py.File(tmp_path / "e.h5") as file:
        made = json.loads(file.attrs["provenance"])
        assert file["lens0/kappa"].shape == (60, len(ensemble.lenses[0].grid))
        assert file["H0"].attrs["unit"] == "km/s/Mpc"
    assert made["seed"] == 4
    assert made["versions"]["numpy"] == np.__version__
    assert "Om0=0.28" in made["cosmologies"][0]


def test_other_files_are_no_ensembles(tmp_path: Path) -> None:
    (tmp_path / "text.h5").write_text("no")
    with h5py.File(tmp_path / "empty.h5", "w"):
        pass
    for name in ("text.h5", "empty.h5", "missing.h5"):
        with pytest.raises(BadInput):
            read_hdf5(tmp_path / name)


def test_a_map_lies_on_the_sky(ensemble: Ensemble, tmp_path: Path) -> None:
    write_fits(ensemble, tmp_path / "kappa.fits", centre=(169.57, 7.766))
    with fits.open(tmp_path / "kappa.fits") as units:
        assert [unit.name for unit in units] == ["PRIMARY", "P16", "P50", "P84"]
        wcs = WCS(units[0].header)
        mean = units[0].data
        assert np.all((units["P16"].data <= units["P84"].data) | np.isnan(mean))
    grid = ensemble.lenses[0].grid
    assert mean.shape == (33, 33)
    assert mean[16, 16] == pytest.approx(ensemble.kappa()[:, grid.centre].mean(), rel=1e-5)
    centre = SkyCoord(169.57, 7.766, unit="deg")
    right = wcs.pixel_to_world(16 + 3, 16)  # one whole pixel to the right
    assert wcs.pixel_to_world(16, 16).separation(centre).arcsec < 1e-6
    dx, dy = (each.arcsec for each in centre.spherical_offsets_to(right))
    assert (dx, dy) == pytest.approx((-grid.side, 0), abs=1e-6)


def test_without_a_place_a_map_is_in_arcsec(ensemble: Ensemble, tmp_path: Path) -> None:
    write_fits(ensemble, tmp_path / "kappa.fits")
    wcs = WCS(fits.getheader(tmp_path / "kappa.fits"))
    assert wcs.wcs_pix2world([[17, 20]], 1)[0] == pytest.approx([0, ensemble.lenses[0].grid.side])


def test_csv_has_a_line_for_each_model(ensemble: Ensemble, tmp_path: Path) -> None:
    write_csv(ensemble, tmp_path / "models.csv")
    with (tmp_path / "models.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 60
    assert float(rows[7]["H0_km_s_Mpc"]) == pytest.approx(ensemble.hubble[7], rel=1e-6)
    assert float(rows[7]["delay_image_2_days"]) == pytest.approx(13.3, rel=1e-6)


def test_the_command_prints_its_result_last_and_writes_what_it_is_asked(tmp_path: Path) -> None:
    (tmp_path / "lens.json").write_text(json.dumps(LENS | {"settings": {"pixrad": 5, "models": 80}}))
    given = ["model", "lens.json", "-o", "e.h5", "-o", "e.csv", "--seed", "9"]
    run = subprocess.run(
        [sys.executable, "-m", "toyz_glass.cli", *given],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT / "plugins")}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    said = json.loads(run.stdout.splitlines()[-1])
    assert list(said) == ["theta_E", "H0", "rhat", "ess", "models", "seconds"]
    assert said["models"] == 80
    assert said["theta_E"] == sorted(said["theta_E"])
    assert read_hdf5(tmp_path / "e.h5").seed == 9
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e.csv", "e.h5", "lens.json"]


def test_a_file_of_glass_does_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lens.gls").write_text(HEAD + LENS_OF_GLASS + TAIL)
    assert main(["model", str(tmp_path / "lens.gls"), "-n", "40", "-o", str(tmp_path / "e.h5")]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out.splitlines()[-1])["models"] == 40
    assert "passed over: line 2" in shown.err
    assert read_hdf5(tmp_path / "e.h5").lenses[0].name == "PG1115+080"


def test_lenses_are_modelled_one_by_one_and_taken_together(capsys: pytest.CaptureFixture[str]) -> None:
    lenses = [str(ROOT / "examples" / "lenses" / f"{name}.json") for name in ("PG1115+080", "WFIJ2033-4723")]
    assert main(["joint", *lenses, "-n", "60", "--angle", "60"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line.split("|")[1].strip() for line in shown[2:5]] == ["PG1115+080", "WFIJ2033-4723", "all together"]
    found = json.loads(shown[-1])
    assert found["lenses"] == 2
    assert found["H0"] == sorted(found["H0"])


@pytest.mark.parametrize("path", sorted((ROOT / "examples" / "lenses").glob("*.json")), ids=lambda path: path.stem)
def test_the_examples_have_models(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", str(path), "-n", "20"]) == 0
    assert json.loads(capsys.readouterr().out)["models"] == 20


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("[]", "it is no object"),
        (json.dumps(LENS | {"z_source": 0.1}), "z_source: the source (z = 0.1) is not behind the lens (z = 0.311)"),
        (json.dumps(LENS | {"delays": [0.1, None, 200]}), "No mass map does all of this"),
    ],
)
def test_the_command_says_what_is_wrong(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lens.json"
    path.write_text(text)
    assert main(["model", str(path), "-o", str(tmp_path / "e.h5")]) == 1
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""
    assert not (tmp_path / "e.h5").exists()


def test_a_name_that_says_no_format_is_refused_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lens.json").write_text(json.dumps(LENS))
    assert main(["model", str(tmp_path / "lens.json"), "-o", "e.txt"]) == 1
    assert ".h5" in capsys.readouterr().err
    assert main(["model", str(tmp_path / "missing.json")]) == 1
