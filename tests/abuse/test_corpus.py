"""Every row of the corpus is tried, or says why it cannot be."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.abuse.corpus import NO_WAY_IN, ROWS, rows_in

TESTS = Path(__file__).parents[1]


def rows_of_all_tests() -> Iterator[str]:
    """Give the rows of all tests, by their names and marks."""
    for path in TESTS.rglob("test_*.py"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from rows_in(node.name)
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("pytest.mark.row", "row"):
                yield from (str(each.value) for each in node.args if isinstance(each, ast.Constant))


def test_every_row_is_tried_or_has_no_way_in() -> None:
    from tests.abuse.hostile_fits import CORPUS

    tried = {*rows_of_all_tests(), *(name.split()[0] for name in CORPUS)}
    assert not tried & NO_WAY_IN.keys(), "a row that is tried has a way in"
    assert sorted(ROWS.keys() - tried - NO_WAY_IN.keys()) == []


def test_names_tell_rows() -> None:
    assert rows_in("test_m1_m2_names_are_looked_up") == ("M1", "M2")
    assert rows_in("test_p10[/proc/self/root]") == ("P10",)
    assert rows_in("test_z9_is_no_row") == ()
    assert rows_in("test_opens_or_says_why[F1 NAXIS]") == ()
