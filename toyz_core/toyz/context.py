"""What a task is given besides its parameters."""

from pathlib import Path
from typing import Any, Literal, Protocol

from toyz.readers import Card, OpenFile, Raster

Level = Literal["debug", "info", "warning", "error"]


class Image(Protocol):
    """One image of a file, for a task: pixels in file order and the header."""

    @property
    def raster(self) -> Raster:
        """Windows onto the pixels; for FITS row 0 is the bottom row."""

    @property
    def bottom_up(self) -> bool:
        """Whether row 0 belongs at the bottom of the screen (FITS) or at the top (PNG)."""

    @property
    def cards(self) -> list[Card]:
        """The header."""

    @property
    def wcs(self) -> Any:
        """An `astropy.wcs.WCS` with two celestial axes, or None where there is none."""


class Context(Protocol):
    """What a task is given: files, progress, cancellation, state and a voice.

    A short task runs in a thread of the session; a long one in a process of its own, where
    `session` is empty at the start and forgotten at the end.
    """

    @property
    def user(self) -> str:
        """The name of the user, as the server knows it."""

    @property
    def session(self) -> dict[str, Any]:
        """State kept between the tasks of this module in this session, until the session ends."""

    @property
    def scratch(self) -> Path:
        """A folder that only this session (or job) can write, removed afterwards."""

    @property
    def cancelled(self) -> bool:
        """Whether the user has taken the call back."""

    def check(self) -> None:
        """Raise `toyz.errors.Cancelled` if the user has taken the call back."""

    def open(self, path: str) -> OpenFile:
        """Open ``share/relative/path`` for reading; the caller closes it.

        Raises
        ------
        NotFound, Forbidden
        """

    def image(self, path: str, hdu: int | None = None, plane: int = 0) -> Image:
        """Open an image by path; without `hdu`, the first that holds one.

        Raises
        ------
        NotFound, Forbidden, UnsupportedFile, CorruptFile
        """

    def progress(self, fraction: float, message: str = "") -> None:
        """Report how far the task is (0 to 1), and what it is doing."""

    def emit(self, event: str, data: Any) -> None:
        """Send an event to this window's panels of the same module."""

    def log(self, message: str, level: Level = "info") -> None:
        """Write to the user's log panel and to the server's log."""
