"""The example's own tests, run here too, from the file that its author would run."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_FILE = Path(__file__).parents[2] / "examples" / "hello_plugin" / "tests" / "test_hello.py"
_spec = spec_from_file_location("hello_plugin_tests", _FILE)
assert _spec is not None
assert _spec.loader is not None
_module = module_from_spec(_spec)
_spec.loader.exec_module(_module)
_tests = {name: value for name, value in vars(_module).items() if name.startswith("test_")}
assert len(_tests) >= 7
globals().update(_tests)
