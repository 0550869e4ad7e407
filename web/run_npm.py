"""Run an npm script of the front end with the Node of the Python wheel: ``python web/run_npm.py run test``."""

import sys

from build_frontend import WEB, FrontendError, npm

if __name__ == "__main__":
    try:
        if not (WEB / "node_modules").is_dir():
            npm("ci", "--no-audit", "--no-fund", "--fetch-retries=1")
        npm(*sys.argv[1:])
    except FrontendError as problem:
        sys.exit(str(problem))
