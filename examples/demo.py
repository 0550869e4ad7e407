"""What `make demo` runs: make an exposure if there is none, serve it, and open the page.

With ``--data DIR`` it serves that directory instead and makes nothing.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

from toyz_exposures.cli import make_exposure

EXPOSURE = "decam_exposure.fits"
SPACE = 3 << 30
"""Bytes that must be free for an exposure of the full size; with less, a small one is made."""


def prepare(folder: Path, size: str | None) -> Path:
    """Make the folder and an exposure in it, unless one is there; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / EXPOSURE).exists():
        chosen = size or ("decam" if shutil.disk_usage(folder).free > SPACE else "small")
        print(f"No data named: making a DECam exposure in {folder}/ ...", flush=True)
        make_exposure(folder / EXPOSURE, size=chosen)
    return folder


def main() -> None:
    """Run the demo."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="serve this directory instead of making an exposure")
    parser.add_argument("--folder", type=Path, default=Path("demo"), help="where the exposure is made")
    parser.add_argument("--size", choices=["decam", "small"], help="decam (2 GB) where the disk allows")
    parser.add_argument("--no-browser", action="store_true", help="print the address and open nothing")
    parser.add_argument("--port", type=int, default=8642)
    options = parser.parse_args()
    share = options.data or prepare(options.folder, options.size)
    name = "data" if options.data else "demo"
    command = [str(Path(sys.executable).with_name("toyz")), "serve", f"{name}={share}", "--port", str(options.port)]
    # The server takes this process's place, so that Ctrl-C and signals reach it directly.
    os.execv(command[0], command + (["--no-browser"] if options.no_browser else []))  # noqa: S606


if __name__ == "__main__":
    main()
