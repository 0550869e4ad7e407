"""Get the peers that are measured: ``python tests/benchmarks/obtain_peers.py``."""

import os
import shutil
import subprocess
import sys

PACKAGES = ("iipimage-server", "stiff", "lighttpd")
IIPSRV = "/usr/lib/iipimage-server/iipsrv.fcgi"


def obtain() -> None:
    """Install Debian's packages where that can be done, or say what to do."""
    if os.access(IIPSRV, os.X_OK) and shutil.which("stiff") and shutil.which("lighttpd"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"To measure IIPImage, install it first: sudo apt-get install {' '.join(PACKAGES)}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
    subprocess.run(["apt-get", "install", "-y", "-qq", *PACKAGES], env=environment, check=True)


if __name__ == "__main__":
    obtain()
