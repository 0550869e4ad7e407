"""`pip install ./examples/hello_plugin`, and it is there; broken plugins beside it stop nothing."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

from tests.examples.installing import install_example
from toyz_extensions.plugin_manifest import Manifest, ModuleEntry
from toyz_extensions.probe import environment, probe_plugins

BROKEN = {
    "broken_import": "import a_module_that_nobody_has",
    "broken_crash": "import ctypes; ctypes.string_at(0)",
    "broken_hang": "import threading; threading.Event().wait()",
    "broken_object": "plugin = {'name': 'hello'}",
}


def install_broken(site: Path) -> None:
    for name, source in BROKEN.items():
        (site / f"{name}.py").write_text(source)
        record = site / f"{name}-1.0.dist-info"
        record.mkdir()
        (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (record / "entry_points.txt").write_text(f"[toyz.plugins]\n{name} = {name}:plugin\n")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder into which pip has installed the example, from a copy of its source."""
    for module in ("pip", "hatchling"):
        pytest.importorskip(module, reason="the example is installed by pip, and built by hatchling")
    return install_example(tmp_path_factory.mktemp("install"))


@pytest.fixture(scope="module")
def manifest(site: Path) -> Manifest:
    """Probe the example with the broken plugins beside it."""
    install_broken(site)
    sys.path.insert(0, str(site))
    try:
        return asyncio.run(probe_plugins(timeout=4.0))
    finally:
        sys.path.remove(str(site))


@pytest.fixture(scope="module")
def hello(manifest: Manifest) -> ModuleEntry:
    return next(module for module in manifest.modules if module.name == "hello")


def test_all_of_it_is_there(hello: ModuleEntry, manifest: Manifest, site: Path) -> None:
    assert [(task.name, task.long) for task in hello.tasks] == [("greet", False), ("background", True)]
    assert [reader.extensions for reader in hello.readers] == [(".pgm",)]
    assert [panel.url for panel in hello.panels] == ["plugins/hello/panel.js"]
    assert Path(manifest.static["hello"]) == site / "hello_plugin" / "static"
    assert (site / "hello_plugin" / "static" / "panel.js").read_text().count("export function activate(toyz)") == 1


def test_the_form_has_a_field_of_each_kind(hello: ModuleEntry) -> None:
    schema = hello.tasks[0].schema
    jsonschema.Draft202012Validator.check_schema(schema)
    fields = schema["$defs"]["greet_parameters"]["properties"]
    assert fields["name"] == {"type": "string", "title": "Name", "minLength": 1, "maxLength": 80, "default": "world"}
    assert fields["times"] == {"type": "integer", "title": "How often", "minimum": 1, "maximum": 5, "default": 1}
    assert fields["tone"] == {"enum": ["loud", "plain"], "title": "Tone", "default": "plain"}
    assert fields["stars"] == {"type": "boolean", "title": "With stars", "default": False}


def test_the_broken_ones_are_named_with_their_reasons(manifest: Manifest) -> None:
    reasons = {failure.name: failure.error for failure in manifest.failures}
    assert reasons.keys() >= BROKEN.keys()
    assert "a_module_that_nobody_has" in reasons["broken_import"]
    assert "crashes Python" in reasons["broken_crash"]
    assert "does not finish its import" in reasons["broken_hang"]
    assert "not a toyz.Plugin" in reasons["broken_object"]
    assert set(manifest.skip) == {"broken_crash", "broken_hang"}


def test_a_session_that_starts_then_has_the_example_and_passes_by_what_crashes(manifest: Manifest, site: Path) -> None:
    """What the fork server does: load the registry under the probe's environment."""
    code = (
        "from toyz_extensions.registry import load_registry\n"
        "registry = load_registry()\n"
        "assert registry.task('hello', 'greet').title == 'Greet'\n"
        "assert registry.reader_name_for('a.PGM') == 'Graymap'\n"
        "assert load_registry() is registry\n"
        "print(len(registry.failures))\n"
    )
    variables = (
        os.environ | environment(manifest) | {"PYTHONPATH": os.pathsep.join([str(site), *filter(None, sys.path)])}
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= len(BROKEN)
