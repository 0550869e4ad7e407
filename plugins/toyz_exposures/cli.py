"""`toyz make-exposure`, with a progress bar."""

from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from toyz_exposures.exposure import Result
from toyz_exposures.exposure import make_exposure as make


def make_exposure(
    out: Path,
    *,
    ccds: int | None = None,
    seed: int = 1,
    size: str = "decam",
    overwrite: bool = False,
    console: Console | None = None,
) -> Result:
    """Make an exposure and show how far it is; parameters and errors of `toyz_exposures.make_exposure`.

    Parameters
    ----------
    console : Console, optional
        Where to draw; standard error by default, so that output can be piped.
    """
    console = console or Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console)
    name = Path(out).name
    task = bar.add_task(name, total=1.0)

    def report(fraction: float, message: str) -> None:
        bar.start()  # now, and not for a file that is refused; again does nothing
        bar.update(task, completed=fraction, description=f"{name}: {message}")

    try:
        result = make(out, ccds=ccds, seed=seed, size=size, overwrite=overwrite, progress=report)
    finally:
        if bar.live.is_started:
            bar.stop()
    console.print(
        f"{result.path.name}: {result.ccds} CCDs, {decimal(result.size)}; "
        f"{result.objects} objects in {result.catalog.name}",
        highlight=False,
        markup=False,
    )
    return result
