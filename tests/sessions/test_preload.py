"""What the fork server imports and compiles is all that a session needs: late, either takes as long as all else."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

from PIL import Image

from toyz_exposures import make_exposure

OPEN_ALL = """
import json, os, sys
from pathlib import Path
os.setsid = lambda: None
import toyz_sessions.lifeline
toyz_sessions.lifeline.die_with_parent = lambda: None
import toyz_sessions.preload
from tests.sessions.workbench import Workbench
from numba.core.dispatcher import Dispatcher
from toyz.protocol import Style

def kernels():
    return {
        f"{name}.{key} for {signature}"
        for name, module in sys.modules.items()
        if name.startswith("toyz_tiles")
        for key, kernel in vars(module).items()
        if isinstance(kernel, Dispatcher)
        for signature in kernel.signatures
    }

folder = Path(sys.argv[1])
before, late = set(sys.modules) | kernels(), {}
bench = Workbench(folder)
for path in sorted(bench.share.iterdir()):
    info = bench.call("images", "open", path=f"data/{path.name}")
    bench.tile(info["image"], 0, 0, 0, Style(0, 1, stretch="asinh", colormap="gray"))
    for task in ("header", "statistics", "histogram"):
        bench.call("images", task, image=info["image"])
    bench.call("images", "pixel", image=info["image"], x=10, y=10)
    circle = {"type": "circle", "x": 20, "y": 20, "radius": 9}
    bench.call("regions", "statistics", image=info["image"], shape=circle)
    bench.call("regions", "read", image=info["image"], text="image;circle(3,4,5)\\nbox(6,7,8,9,10)")
    bench.call("regions", "write", image=info["image"], regions=[{"shape": circle}])
    if info["wcs"]:
        bench.call("regions", "sky", image=info["image"], shape=circle)
        for system in ("icrs", "fk5", "galactic"):
            text = bench.call("regions", "write", image=info["image"], regions=[{"shape": circle}], system=system)
            bench.call("regions", "read", image=info["image"], text=text)
        for text in ('fk5;circle(10:00:00,-2:3:4,3")', "#CRTF\\ncircle[[10h1m2s, 2d3m4s], 3arcmin], coord=B1950"):
            bench.call("regions", "read", image=info["image"], text=text)
    now = set(sys.modules) | kernels()
    late[path.name] = sorted(now - before)
    before = now
print(json.dumps(late))
bench.close()
"""


def test_no_file_needs_an_import_or_a_kernel_of_its_own(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    for name in ("mosaic.fits", "packed.fits.fz"):
        make_exposure(share / name, size="small")
    for catalog in [path for path in share.iterdir() if path.name not in ("mosaic.fits", "packed.fits.fz")]:
        catalog.unlink()
    (share / "zipped.fits.gz").write_bytes(gzip.compress((share / "mosaic.fits").read_bytes(), 1))
    for name in ("colour.png", "grey.jpg", "deep.tiff"):
        Image.new("RGB" if name == "colour.png" else "L", (300, 200)).save(share / name)
    command = [sys.executable, "-c", OPEN_ALL, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    late = json.loads(done.stdout.splitlines()[-1])
    assert late == {path.name: [] for path in share.iterdir()}
