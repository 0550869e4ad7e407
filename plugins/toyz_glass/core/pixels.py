"""The pixels of a picture as a witness: the source is reconstructed through each model, which the rest then scores.

Through a model every pixel of the picture is seen at a place in the plane of the source. The source there is a grid of
brightnesses, found by linear least squares with a penalty on its gradients, whose strength is the one of most evidence
(Warren & Dye 2003, ApJ 590, 673; Suyu et al. 2006, MNRAS 371, 983).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from toyz_glass.core.ensemble import Ensemble
from toyz_glass.core.errors import BadInput
from toyz_glass.core.forms import Forms
from toyz_glass.core.one_thread import one_thread
from toyz_glass.core.surface import mean_unknowns

Array = NDArray[np.float64]
MOST_PIXELS = 20_000
"""Of a picture that count, at most."""
GRID = 32
"""Places along a side of the source."""
_PENALTIES = np.logspace(-3, 5, 17)


@dataclass(frozen=True)
class Picture:
    """A picture of the lensed source, without the lens galaxy's light.

    Parameters
    ----------
    data : array, (ny, nx)
    noise : array, (ny, nx), or float
        Standard deviation, in the unit of the data.
    centre : (float, float)
        Where the lens centre is, x and y in pixels; (0, 0) is the middle of the first one.
    scale : float
        Arcsec a pixel.
    psf : array, (odd, odd), optional
        Of the picture's own pixels; it is made to add up to 1.
    counted : array of bool, (ny, nx), optional
        The pixels that count; all that are finite by default.

    Raises
    ------
    BadInput
    """

    data: Array
    noise: Array | float
    centre: tuple[float, float]
    scale: float
    psf: Array | None = None
    counted: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if self.data.ndim != 2:
            raise BadInput("the picture has not two axes", "data")
        if not (np.isfinite(self.scale) and self.scale > 0):
            raise BadInput(f"{self.scale} arcsec a pixel is no scale", "scale")
        if self.psf is not None and (self.psf.ndim != 2 or not all(size % 2 for size in self.psf.shape)):
            raise BadInput("a PSF has an odd number of pixels along each axis", "psf")
        if self.psf is not None and not (np.isfinite(self.psf).all() and self.psf.sum() > 0):
            raise BadInput("its sum is not positive", "psf")
        count = int(self.used.sum())
        if not 1 <= count <= MOST_PIXELS:
            raise BadInput(f"{count} pixels count; it is 1 to {MOST_PIXELS}", "counted")

    @cached_property
    def used(self) -> NDArray[np.bool_]:
        """The pixels that count, (ny, nx): finite, of positive noise, and chosen."""
        noise = np.broadcast_to(self.noise, self.data.shape)
        chosen = np.ones(self.data.shape, bool) if self.counted is None else self.counted
        return np.asarray(chosen & np.isfinite(self.data) & np.isfinite(noise) & (noise > 0))

    @cached_property
    def points(self) -> Array:
        """Where all pixels are, (ny nx, 2), arcsec from the lens centre."""
        y, x = np.indices(self.data.shape, float)
        return np.column_stack([(x.ravel() - self.centre[0]), (y.ravel() - self.centre[1])]) * self.scale

    @cached_property
    def sigmas(self) -> Array:
        """The noise of the pixels that count, (used,)."""
        return np.asarray(np.broadcast_to(self.noise, self.data.shape)[self.used], float)

    @cached_property
    def blur(self) -> sparse.csr_array:
        """What the PSF makes of a picture, for the pixels that count, (used, ny nx)."""
        ny, nx = self.data.shape
        wanted = np.flatnonzero(self.used.ravel())
        if self.psf is None:
            return sparse.csr_array((np.ones(len(wanted)), (np.arange(len(wanted)), wanted)), (len(wanted), ny * nx))
        psf = self.psf / self.psf.sum()
        rows, columns, values = [], [], []
        y, x = np.divmod(wanted, nx)
        for (j, i), weight in np.ndenumerate(psf):
            from_y, from_x = y - (j - psf.shape[0] // 2), x - (i - psf.shape[1] // 2)
            inside = (from_y >= 0) & (from_y < ny) & (from_x >= 0) & (from_x < nx)
            rows.append(np.flatnonzero(inside))
            columns.append((from_y * nx + from_x)[inside])
            values.append(np.full(int(inside.sum()), weight))
        entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        return sparse.csr_array(entries, (len(wanted), ny * nx))


@dataclass(frozen=True)
class Reconstruction:
    """A source, and what a model makes of it.

    Parameters
    ----------
    source : array, (GRID, GRID)
        Brightness in the picture's unit; row 0 has the lowest y.
    extent : (float, float, float, float)
        Least and largest x, least and largest y of the source, arcsec.
    model : array, (ny, nx)
        What the picture should be; NaN where no pixel counts.
    chi2 : float
        Sum of the squares of what is left, in units of the noise, over the pixels that count less the parameters that
        the source has spent: 1 where a model explains all.
    log_evidence : float
        But for what is the same for all models of one picture.
    """

    source: Array
    extent: tuple[float, float, float, float]
    model: Array
    chi2: float
    log_evidence: float


class Witness:
    """Scores models of one lens by a picture.

    Parameters
    ----------
    forms : Forms
        Of the lens.
    picture : Picture
    source : int
        Which of its sources is seen.
    """

    def __init__(self, forms: Forms, picture: Picture, source: int = 0) -> None:
        self.forms = forms
        self.picture = picture
        self._deflection = forms.deflection(picture.points)
        self._z_cap = forms.lens.z_caps[source]
        self._wanted = picture.data[picture.used] / picture.sigmas
        self._gradients = _gradients(GRID)

    def reconstruct(self, unknowns: Array, penalty: float, spent: float = 0.0) -> Reconstruction:
        """Find the source of most likelihood through one model.

        Parameters
        ----------
        unknowns : array, (unknowns,)
        penalty : float
            On the squares of the source's gradients, in units of the noise; see `best_penalty`.
        spent : float
            How many parameters the source is worth; see `parameters`.
        """
        seen, extent = self._response(unknowns)
        normal = (seen.T @ seen).toarray()
        right = seen.T @ self._wanted
        factor = linalg.cho_factor(normal + penalty * self._gradients)
        brightness = linalg.cho_solve(factor, right)
        made = seen @ brightness
        off = float(np.sum((self._wanted - made) ** 2))
        smooth = float(brightness @ (self._gradients @ brightness))
        log_determinant = 2 * float(np.log(np.diag(factor[0])).sum())
        log_evidence = (-off - penalty * smooth - log_determinant + len(brightness) * np.log(penalty)) / 2
        model = np.full(self.picture.data.shape, np.nan)
        model[self.picture.used] = made * self.picture.sigmas
        chi2 = off / max(len(self._wanted) - spent, 1.0)
        return Reconstruction(brightness.reshape(GRID, GRID), extent, model, chi2, log_evidence)

    def parameters(self, unknowns: Array, penalty: float) -> float:
        """Give how many free parameters the source is worth at a penalty: far fewer than it has places."""
        seen, _ = self._response(unknowns)
        normal = (seen.T @ seen).toarray()
        factor = linalg.cho_factor(normal + penalty * self._gradients)
        return float(np.trace(linalg.cho_solve(factor, normal)))

    def best_penalty(self, unknowns: Array) -> float:
        """Give the penalty of most evidence for one model, such as the mean of an ensemble."""
        return float(max(_PENALTIES, key=lambda penalty: self.reconstruct(unknowns, float(penalty)).log_evidence))

    def _response(self, unknowns: Array) -> tuple[sparse.csr_array, tuple[float, float, float, float]]:
        """Give what each place of the source adds to each pixel that counts, in units of its noise, (used, GRID²)."""
        places = self.picture.points - self._deflection.at(unknowns) / self._z_cap
        counted = places[self.picture.used.ravel()]
        low, high = counted.min(axis=0), counted.max(axis=0)
        step = np.maximum((high - low) / (GRID - 1), 1e-9)
        column, part = np.divmod((places - low) / step, 1.0)
        rows, columns, values = [], [], []
        for dx in (0, 1):
            for dy in (0, 1):
                x, y = column[:, 0] + dx, column[:, 1] + dy
                weight = np.abs(1 - dx - part[:, 0]) * np.abs(1 - dy - part[:, 1])
                inside = (x >= 0) & (x < GRID) & (y >= 0) & (y < GRID) & (weight > 0)
                rows.append(np.flatnonzero(inside))
                columns.append((y * GRID + x)[inside].astype(int))
                values.append(weight[inside])
        entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        lens = sparse.csr_array(entries, (len(places), GRID * GRID))
        scaled = sparse.diags_array(1 / self.picture.sigmas) @ self.picture.blur @ lens
        return sparse.csr_array(scaled), (float(low[0]), float(high[0]), float(low[1]), float(high[1]))


@dataclass(frozen=True)
class Scores:
    """How well the models of an ensemble explain a picture.

    Parameters
    ----------
    chi2 : array, (models,)
        As of a `Reconstruction`: 1 where a model explains all.
    log_evidence : array, (models,)
        For `toyz_glass.core.weights.reweighted`.
    best : Reconstruction
        Through the model of the least chi2.
    penalty : float
        With which all sources were found.
    """

    chi2: Array
    log_evidence: Array
    best: Reconstruction
    penalty: float


@one_thread
def score(ensemble: Ensemble, picture: Picture, lens: int = 0, source: int = 0) -> Scores:
    """Score every model of an ensemble by a picture; parameters as for `Witness`."""
    witness = Witness(ensemble.forms[lens], picture, source)
    penalty = witness.best_penalty(mean_unknowns(ensemble.unknowns, ensemble.weights))
    found = [witness.reconstruct(unknowns, penalty) for unknowns in ensemble.unknowns]
    # A model that explains little needs a rough source; the best one tells how smooth the source really is.
    best = max(range(len(found)), key=lambda model: found[model].log_evidence)
    penalty = witness.best_penalty(ensemble.unknowns[best])
    spent = witness.parameters(ensemble.unknowns[best], penalty)
    found = [witness.reconstruct(unknowns, penalty, spent) for unknowns in ensemble.unknowns]
    chi2 = np.array([each.chi2 for each in found])
    evidence = np.array([each.log_evidence for each in found])
    return Scores(chi2, evidence, found[int(np.argmin(chi2))], penalty)


def _gradients(count: int) -> Array:
    """Give the matrix of the sum of squared differences of neighbours, and a little of the squares themselves."""
    line = sparse.diags_array([np.full(count, -1.0), np.ones(count - 1)], offsets=[0, 1], shape=(count, count))
    step = sparse.csr_array(line)[:-1]
    one = sparse.eye_array(count)
    along = sparse.vstack([sparse.kron(one, step), sparse.kron(step, one)])
    return np.asarray((along.T @ along + 1e-3 * sparse.eye_array(count * count)).toarray(), float)
