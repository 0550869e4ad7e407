"""The configuration: file, environment, command line, in that order; contradictions are refused."""

from pathlib import Path
from typing import Any

import pytest

from toyz.config import Config, Limits, Share, check_directories, check_shares, load_config, parse_share
from toyz.config_addresses import normalise_base_url
from toyz.errors import BadRequest


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for name in ("decam", "work/inner", "Ørsted data"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def load(folder: Path, text: str, environ: dict[str, str] | None = None, **overrides: Any) -> Config:
    path = folder / "toyz.toml"
    path.write_text(text)
    return load_config(str(path), environ=environ or {}, **overrides)


def test_nothing_given() -> None:
    config = load_config(environ={})
    assert (config.shares, config.host, config.base_url, config.token) == ((), "127.0.0.1", "/", "")
    assert config.sandbox
    assert config.limits == Limits()
    assert config.cache
    assert config.state


def test_a_file(folders: Path) -> None:
    config = load(
        folders,
        f"""
        port = 9000
        base_url = "group/toyz"
        [shares]
        decam = "{folders}/decam"
        work = {{ path = "{folders}/work", write = true }}
        [limits]
        sessions = 5
        """,
    )
    assert config.port == 9000
    assert config.base_url == "/group/toyz/"
    assert config.shares == (
        Share(name="decam", path=str(folders / "decam")),
        Share(name="work", path=str(folders / "work"), write=True),
    )
    assert config.limits == Limits(sessions=5)


def test_the_order_of_precedence(folders: Path) -> None:
    text = 'token = "file"\nport = 1'
    assert load(folders, text).token == "file"
    assert load(folders, text, {"TOYZ_TOKEN": "environment"}).token == "environment"
    assert load(folders, text, {"TOYZ_TOKEN": "environment"}, token="given").token == "given"
    config = load(folders, text, {"TOYZ_TOKEN": ""}, port=2, host=None)
    assert (config.token, config.port, config.host) == ("file", 2, "127.0.0.1")


def test_shares_of_the_command_line_come_on_top(folders: Path) -> None:
    config = load(folders, f'[shares]\ndecam = "{folders}/decam"', shares=(parse_share(f"{folders}/work"),))
    assert [share.name for share in config.shares] == ["decam", "work"]


@pytest.mark.parametrize(
    "text",
    [
        "prot = 9000",
        'port = "9000"',
        "port = 9.5",
        "[limits]\nsession = 1",
        "shares = 3",
        "[shares]\ndecam = {}",
        'base_url = "/a/../b"',
        'base_url = "http://host"',
        'base_url = "/a b/"',
        "port = ",
        "\xff",
    ],
)
def test_a_wrong_file_is_refused(folders: Path, text: str) -> None:
    with pytest.raises(BadRequest):
        load(folders, text)


def test_a_share_for_everybody(folders: Path) -> None:
    config = load(
        folders,
        f"""
        cors_origins = ["https://viewer.example.org", "http://[::1]:8080"]
        [shares]
        decam = {{ path = "{folders}/decam", anonymous = true }}
        work = {{ path = "{folders}/work", write = true, anonymous = false }}
        """,
    )
    assert [(share.write, share.anonymous) for share in config.shares] == [(False, True), (True, False)]
    assert config.cors_origins == ("https://viewer.example.org", "http://[::1]:8080")
    assert load(folders, 'cors_origins = ["*"]').cors_origins == ("*",)
    assert (Config().cors_origins, Share(name="a", path="/a").anonymous) == ((), False)


@pytest.mark.parametrize(
    "grant", ['anonymous = "false"', "anonymous = 1", "anonymus = true", 'write = "no"', "write = []"]
)
def test_a_grant_is_yes_or_no(folders: Path, grant: str) -> None:
    """A word that is no boolean must not open a share."""
    with pytest.raises(BadRequest, match=r"shares\.decam"):
        load(folders, f'[shares]\ndecam = {{ path = "{folders}/decam", {grant} }}')


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "viewer.example.org",
        "https://viewer.example.org/",
        "https://*.example.org",
        "ftp://a.org",
        "https://a b",
        "",
    ],
)
def test_what_is_no_origin(folders: Path, origin: str) -> None:
    with pytest.raises(BadRequest, match="cors_origins"):
        load(folders, f'cors_origins = ["{origin}"]')


def test_no_file(tmp_path: Path) -> None:
    path = str(tmp_path / "none.toml")
    with pytest.raises(BadRequest) as refused:
        load_config(path, environ={})
    assert refused.value.message == f"configuration {path}: no such file or directory"


def test_a_wrong_value_is_named(folders: Path) -> None:
    with pytest.raises(BadRequest, match=r"\.toml: port: expected int, got str$"):
        load(folders, 'port = "x"')
    with pytest.raises(BadRequest, match=r"\.toml: it is not TOML: invalid value"):
        load(folders, "port = ")


@pytest.mark.parametrize(
    ("given", "prefix"),
    [("", "/"), ("/", "/"), ("toyz", "/toyz/"), ("/a/b", "/a/b/"), ("/a/b/", "/a/b/"), ("~user.x_1-", "/~user.x_1-/")],
)
def test_prefixes(given: str, prefix: str) -> None:
    assert normalise_base_url(given) == prefix
    assert normalise_base_url(prefix) == prefix


@pytest.mark.parametrize("given", ["//", "a//b", "..", "/a/../b", "a b", "a?b", "a#b", "http://x/", "/a\n", "é", "%2e"])
def test_what_is_no_prefix(given: str) -> None:
    with pytest.raises(BadRequest):
        normalise_base_url(given)


@pytest.mark.parametrize(
    ("text", "name", "folder"),
    [
        ("{}/decam", "decam", "decam"),
        ("sky={}/decam", "sky", "decam"),
        ("{}/decam/../decam/", "decam", "decam"),
        ("{}/Ørsted data", "rsted_data", "Ørsted data"),
    ],
)
def test_share_of_the_command_line(folders: Path, text: str, name: str, folder: str) -> None:
    assert parse_share(text.format(folders)) == Share(name=name, path=str(folders / folder))


@pytest.mark.parametrize(
    "text",
    ["{}/none", "a/b={}/decam", ".hidden={}/decam", "é={}/decam", "name=", "={}/decam/none", "p=/proc/self", "r=/"],
)
def test_what_is_no_share(folders: Path, text: str) -> None:
    with pytest.raises(BadRequest):
        check_directories([parse_share(text.format(folders))])


def test_a_share_that_is_not_there_is_one_still(folders: Path) -> None:
    config = load(folders, f'[shares]\ngone = "{folders}/gone"')
    assert config.shares == (Share(name="gone", path=f"{folders}/gone"),)
    with pytest.raises(BadRequest, match="not a directory"):
        check_directories(config.shares)


def test_shares_may_not_overlap(folders: Path) -> None:
    def share(name: str, folder: str) -> Share:
        return Share(name=name, path=str(folders / folder))

    check_shares((share("a", "decam"), share("b", "work")))
    for pair in [
        (share("a", "decam"), share("a", "work")),
        (share("a", "work"), share("b", "work")),
        (share("a", "work"), share("b", "work/inner")),
        (share("a", "work/inner"), share("b", "work")),
    ]:
        with pytest.raises(BadRequest):
            check_shares(pair)


def test_a_link_into_another_share_is_an_overlap(folders: Path) -> None:
    (folders / "link").symlink_to(folders / "work" / "inner")
    with pytest.raises(BadRequest, match="overlap"):
        check_shares((parse_share(f"{folders}/work"), parse_share(f"{folders}/link")))


@pytest.mark.parametrize("option", ["state", "cache"])
def test_the_servers_own_folders_are_in_no_share(tmp_path: Path, option: str) -> None:
    share = Share(name="home", path=str(tmp_path.resolve()))
    elsewhere = {"state": "/nowhere/state", "cache": "/nowhere/cache"}
    for own in (tmp_path, tmp_path / "deep" / "inside"):
        with pytest.raises(BadRequest, match=f"--{option}"):
            load_config(environ={}, shares=(share,), **(elsewhere | {option: str(own)}))
    assert load_config(environ={}, shares=(share,), **elsewhere).shares == (share,)


@pytest.mark.parametrize(
    ("lines", "base_url", "secure"),
    [
        ('public_url = "https://sky.example.org/group/toyz"', "/group/toyz/", True),
        ('public_url = "https://sky.example.org"', "/", True),
        ('public_url = "http://localhost:8000/a/"', "/a/", False),
        ('public_url = "https://[2001:db8::1]:8443/"\nbase_url = "/"', "/", True),
        ('certificate = "a.pem"\nkey = "a.key"', "/", True),
        ("", "/", False),
    ],
)
def test_the_public_address_says_prefix_and_scheme(tmp_path: Path, lines: str, base_url: str, secure: bool) -> None:
    (tmp_path / "toyz.toml").write_text(lines)
    config = load_config(str(tmp_path / "toyz.toml"), environ={})
    assert (config.base_url, config.secure) == (base_url, secure)
    assert not config.public_url or config.public_url.endswith(base_url)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('public_url = "sky.example.org"', "public_url: not a URL"),
        ('public_url = "ftp://sky.example.org/"', "public_url: not a URL"),
        ('public_url = "https://sky.example.org/?a=b"', "public_url: not a URL"),
        ('public_url = "https://sky.example.org/a/"\nbase_url = "/b/"', "base_url is another than the path"),
        ('trusted_proxies = ["nginx"]', "trusted_proxies: not an address"),
        ('metrics_from = ["10.0.0.0/99"]', "metrics_from: not an address"),
        ('certificate = "a.pem"', "certificate and key belong together"),
    ],
)
def test_addresses_that_are_none_are_refused(tmp_path: Path, lines: str, words: str) -> None:
    (tmp_path / "toyz.toml").write_text(lines)
    with pytest.raises(BadRequest, match=words):
        load_config(str(tmp_path / "toyz.toml"), environ={})
