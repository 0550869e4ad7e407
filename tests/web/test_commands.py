"""Commands over a state where no server runs: what is mistyped is said, and what one share lacks stops nothing else."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.web.test_accounts import PASSWORD
from toyz.config import Config, Share
from toyz_web.cli import app
from toyz_web.instance import keep_whereabouts, prepare_folders

DEPLOY = Path(__file__).parents[2] / "examples" / "deploy"


class Terminal:
    """Types commands for one state folder, with a configuration whose share is not there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._runner = folder, CliRunner()
        (folder / "toyz.toml").write_text(f'[shares]\ngone = "{folder}/gone"\n')

    def type(self, *words: str, given: str = "") -> Result:
        places = ("--config", str(self.folder / "toyz.toml"), "--state", str(self.folder / "state"))
        return self._runner.invoke(app, [*words, *places], input=given)

    def done(self, *words: str, given: str = "") -> str:
        """Type what succeeds without a word on standard error."""
        answer = self.type(*words, given=given)
        assert (answer.exit_code, answer.stderr) == (0, ""), answer.output
        return answer.stdout

    def refused(self, *words: str) -> str:
        """Type what is refused in one line."""
        answer = self.type(*words)
        assert answer.exit_code == 2, answer.output
        (line,) = answer.stderr.splitlines()
        assert line.startswith("toyz: ")
        return line


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    made = Terminal(tmp_path)
    made.done("user", "add", "ada", "--password-stdin", given=PASSWORD + "\n")
    return made


def test_a_share_that_is_not_there_stops_no_command_but_serve(terminal: Terminal) -> None:
    assert "ada" in terminal.done("user", "list")
    assert "gone" in terminal.done("share", "list")
    kept = terminal.folder / "kept.zip"
    terminal.done("backup", str(kept))
    assert "is as it was on" in terminal.done("restore", str(kept))
    assert "no server has run" in terminal.refused("status")
    examined = terminal.type("doctor")
    assert examined.exit_code == 1
    assert "it is not there" in examined.output
    assert f"not a directory: {terminal.folder}/gone" in terminal.refused("serve")


def test_the_doctor_looks_at_the_example_of_a_configuration() -> None:
    answer = CliRunner().invoke(app, ["doctor", "--config", str(DEPLOY / "toyz.toml")])
    assert "/data/decam" in answer.output
    assert answer.output.rstrip().endswith("bad")


def test_grants_of_shares_that_nobody_knows_or_may_write_to(terminal: Terminal) -> None:
    (terminal.folder / "fixed").mkdir()
    terminal.done("share", "add", f"fixed={terminal.folder}/fixed")
    assert "nobody may write to fixed" in terminal.refused("share", "grant", "fixed", "ada", "--write")
    terminal.done("share", "grant", "fixed", "ada")
    mistyped = terminal.type("share", "grant", "fxied", "ada", "--write")
    assert (mistyped.exit_code, "no share fxied is known" in mistyped.stderr) == (0, True)
    assert "fxied\t(no such share is known)\tada:write" in terminal.done("share", "list")
    # That of a command line is known once a server was started with it.
    config = Config(
        state=str(terminal.folder / "state"),
        cache=str(terminal.folder / "cache"),
        shares=(Share(name="sky", path="/sky", write=True),),
    )
    prepare_folders(config)
    keep_whereabouts(config, "http://127.0.0.1:1/", "http://127.0.0.1:1/")
    terminal.done("share", "grant", "sky", "ada", "--write")
    assert "sky\t/sky\tada:write" in terminal.done("share", "list")


@pytest.mark.parametrize("directory", ["/", "/proc", "/proc/self", "/sys", "/dev", "/nowhere"])
def test_what_is_no_directory_of_files_is_no_share(terminal: Terminal, directory: str) -> None:
    words = "not a directory" if directory == "/nowhere" else "the system's own"
    assert words in terminal.refused("share", "add", f"s={directory}")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("user add eve --link --by oidc", "leave out --by"),
        ("user add eve --password-stdin --by pam", "leave out --by"),
        ("user quota ada --unfinished 99999999999T --finished 1T", "more than a quota may be"),
        ("user delete nobody1", "There is no user nobody1"),
    ],
)
def test_what_is_mistyped_is_said(terminal: Terminal, words: str, said: str) -> None:
    assert said in terminal.refused(*words.split())
    assert terminal.done("user", "list").count("\n") == 1
