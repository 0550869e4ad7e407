"""Made exposures: files that look like DECam's, for demonstrations and tests.

The plugin answers what a focal plane looks like; files are made by `make_exposure`, from the
command line or a script, because a task is not given a place of the user's to write to.
"""

from typing import TYPE_CHECKING, Any

from toyz_exposures.tasks import plugin

if TYPE_CHECKING:
    from toyz_exposures.exposure import Result, make_exposure

__all__ = ["Result", "make_exposure", "plugin"]


def __getattr__(name: str) -> Any:
    """Fetch the maker when it is first used: a server that only lists its plugins loads neither numba nor astropy."""
    if name in ("Result", "make_exposure"):
        from toyz_exposures import exposure  # noqa: PLC0415 (see above)

        return getattr(exposure, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
