"""Imports go one way: the rules of docs/architecture.md, read from the source."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "toyz": ROOT / "toyz_core" / "toyz",
    "toyz_extensions": ROOT / "extensions" / "toyz_extensions",
    "toyz_tiles": ROOT / "tiles" / "toyz_tiles",
    "toyz_sessions": ROOT / "sessions" / "toyz_sessions",
    "toyz_web": ROOT / "web" / "toyz_web",
}
ALLOWED = {
    "toyz": set(),
    "toyz_extensions": {"toyz", "toyz_tiles"},
    "toyz_tiles": {"toyz"},
    "toyz_sessions": {"toyz", "toyz_extensions", "toyz_tiles"},
    "toyz_web": {"toyz", "toyz_extensions", "toyz_tiles", "toyz_sessions"},
}
PUBLIC_API = {"numpy", "msgspec"}
"""What `toyz` may import from outside, besides the exceptions below."""
EXCEPTIONS = {"client": {"httpx", "websockets"}, "config": {"platformdirs"}}
TILES_OF_TOYZ = {"toyz.readers", "toyz.errors", "toyz.protocol", "toyz.regions"}
"""All that the numerical part may know of Toyz: what pixels come from, how it fails, a style and shapes of regions."""
READERS_OF_TILES = "toyz_tiles.codecs"
"""All that the readers may know of the numerical part."""
LIBRARIES_OF_THE_WEB = {"tornado", "sqlite_utils", "typer", "argon2"}


def imports_of(path: Path) -> set[str]:
    """Names of all modules that a file imports, wherever in it; ``import_module("…")`` of a literal too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def files_of(package: Path) -> list[Path]:
    return sorted(path for path in package.rglob("*.py") if "static" not in path.parts)


def roots(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_depend_one_way(package: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): sorted(bad)
        for path in files_of(PACKAGES[package])
        if (bad := (roots(imports_of(path)) & PACKAGES.keys()) - ALLOWED[package] - {package})
    }
    assert not wrong


def test_the_public_api_needs_numpy_and_msgspec_only() -> None:
    wrong = {}
    for path in files_of(PACKAGES["toyz"]):
        allowed = PUBLIC_API | EXCEPTIONS.get(path.stem.partition("_")[0], set()) | {"toyz"}
        outside = roots(imports_of(path)) - sys.stdlib_module_names - allowed
        if outside:
            wrong[path.name] = sorted(outside)
    assert not wrong


def test_tiles_are_pure_numerics() -> None:
    wrong = {}
    for path in files_of(PACKAGES["toyz_tiles"]):
        of_toyz = {name for name in imports_of(path) if name.split(".")[0] == "toyz" and name != "toyz"}
        bad = {name for name in of_toyz if not any(name == one or name.startswith(f"{one}.") for one in TILES_OF_TOYZ)}
        if bad:
            wrong[path.name] = sorted(bad)
    assert not wrong


def test_readers_take_only_codecs_from_the_tiles() -> None:
    wrong = {}
    for path in files_of(PACKAGES["toyz_extensions"]):
        of_tiles = {name for name in imports_of(path) if name.startswith("toyz_tiles.")}
        if bad := {name for name in of_tiles if not name.startswith(READERS_OF_TILES)}:
            wrong[path.name] = sorted(bad)
    assert not wrong


@pytest.mark.parametrize("package", ["toyz", "toyz_extensions", "toyz_tiles", "toyz_sessions"])
def test_only_the_web_knows_web_libraries(package: str) -> None:
    wrong = [path.name for path in files_of(PACKAGES[package]) if roots(imports_of(path)) & LIBRARIES_OF_THE_WEB]
    assert not wrong


@pytest.mark.parametrize("plugin", sorted((ROOT / "plugins").glob("*/")), ids=lambda path: path.name)
def test_built_in_plugins_import_what_anybody_s_may(plugin: Path) -> None:
    others = PACKAGES.keys() - {"toyz"}
    wrong = {path.name: sorted(bad) for path in files_of(plugin) if (bad := roots(imports_of(path)) & others)}
    assert not wrong


def test_the_core_of_the_lens_models_knows_nothing_of_toyz() -> None:
    allowed = {
        "toyz_glass",
        "numpy",
        "scipy",
        "numba",
        "h5py",
        "astropy",
        "contourpy",
        "threadpoolctl",
    } | sys.stdlib_module_names
    wrong = {}
    for path in files_of(ROOT / "plugins" / "toyz_glass" / "core"):
        names = imports_of(path)
        outside = {name for name in names if name.startswith("toyz_glass") and name != "toyz_glass"}
        bad = (roots(names) - allowed) | {name for name in outside if not name.startswith("toyz_glass.core")}
        if bad:
            wrong[path.name] = sorted(bad)
    assert not wrong


def test_the_example_imports_what_anybody_s_may() -> None:
    allowed = {"toyz", "numpy", "msgspec", "hello_plugin", "pytest"} | sys.stdlib_module_names
    for path in files_of(ROOT / "examples" / "hello_plugin"):
        assert not roots(imports_of(path)) - allowed, path.name


def test_the_server_never_loads_plugins() -> None:
    """It learns of them from a process that it can lose."""
    forbidden = ("toyz_extensions.registry", "toyz_extensions.describe", "toyz_extensions.simple")
    wrong = [
        path.name
        for path in files_of(PACKAGES["toyz_web"])
        if any(name.startswith(forbidden) for name in imports_of(path))
    ]
    assert not wrong


def test_the_server_imports_nothing_slow() -> None:
    """What only its processes use would keep who starts it waiting, and its memory."""
    code = (
        "import sys, toyz_web.server, toyz_web.routes\n"
        "slow = {'astropy', 'numba', 'scipy', 'PIL', 'fitsio', 'toyz_tiles', 'toyz_extensions.fits.source'}\n"
        "print(sorted(slow & sys.modules.keys()))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_rules_see_what_they_should(tmp_path: Path) -> None:
    """A rule that finds nothing anywhere would pass as well."""
    source = tmp_path / "module.py"
    source.write_text("def f():\n    import tornado.web\n    from toyz_web import app\n")
    assert roots(imports_of(source)) == {"tornado", "toyz_web"}
    assert all(files_of(package) for package in PACKAGES.values())
