"""The example is tested from its folder, without installing it."""

import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello_plugin"
sys.path.insert(0, str(EXAMPLE))
