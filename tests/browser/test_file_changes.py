"""Files are made, renamed, moved, deleted, restored, uploaded and downloaded in the page."""

import os
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import LIMITS, SIZE
from tests.browser.workspace import Workspace, signed_in
from tests.web.harness import Served, served
from tests.web.test_accounts import PASSWORD, done

TWO_DISKS = os.path.ismount("/dev/shm")
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def writing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve two shares that may be written, on two disks where there are."""
    folder = tmp_path_factory.mktemp("writing")
    (folder / "lab").mkdir()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if TWO_DISKS else None) as other:
        shares = (
            f'[shares]\nlab = {{path = "{folder}/lab", write = true}}\nother = {{path = "{other}", write = true}}\n'
        )
        with served(folder, toml=LIMITS + shares) as running:
            yield running


@pytest.fixture
def lab(writing: Served) -> Path:
    """Give the share with some files in it."""
    folder = writing.folder / "lab"
    (folder / "night").mkdir(exist_ok=True)
    for name in ("a.fits", "b.fits"):
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def desk(chromium: Browser, writing: Served, lab: Path) -> Iterator[Workspace]:
    """Open a window on the share; the test fails if its scripts did."""
    context = chromium.new_context(viewport=SIZE)
    workspace = Workspace(context, writing, writing.url)
    workspace.file("lab").dblclick()
    expect(workspace.file("a.fits")).to_be_visible()
    yield workspace
    context.close()
    assert workspace.problems == []


def button(page: Page, name: str) -> Locator:
    """Give a button of the dialog that is in sight."""
    return page.get_by_role("button", name=name, exact=True).locator("visible=true")


def field(page: Page, name: str) -> Locator:
    return page.get_by_role("textbox", name=name, exact=True).locator("visible=true")


def test_keys_alone_make_rename_delete_and_undo(desk: Workspace, lab: Path) -> None:
    page = desk.page
    button(page, "New folder").press("Enter")
    expect(field(page, "New folder")).to_be_focused()
    page.keyboard.type("by keys")
    desk.press("Enter")
    expect(desk.file("by keys")).to_have_attribute("aria-selected", "true")
    assert (lab / "by keys").is_dir()
    expect(desk.files).to_be_focused()
    desk.press("F2")
    expect(field(page, "New name")).to_be_focused()
    field(page, "New name").fill("renamed")
    desk.press("Enter")
    expect(desk.file("renamed")).to_have_attribute("aria-selected", "true")
    desk.press("Delete")
    expect(desk.file("renamed")).to_have_count(0)
    assert not (lab / "renamed").exists()
    desk.notice("renamed is in the trash").get_by_role("button", name="Undo").click()
    expect(desk.file("renamed")).to_be_visible()
    desk.files.focus()
    desk.press("F2", "Escape")
    expect(desk.files).to_be_focused()
    (lab / "renamed").rmdir()


def test_nothing_is_replaced_unasked(desk: Workspace, lab: Path) -> None:
    page = desk.page
    desk.file("a.fits").click()
    desk.press("F2")
    field(page, "New name").fill("b.fits")
    desk.press("Enter")
    expect(page.get_by_role("alertdialog", name="Replace?")).to_contain_text("b.fits is there already")
    expect(button(page, "Cancel")).to_be_focused()
    desk.press("Enter")  # once more than was meant
    assert (lab / "b.fits").read_text() == "b.fits"
    desk.press("F2")
    field(page, "New name").fill("b.fits")
    desk.press("Enter")
    button(page, "Replace it").click()
    expect(desk.file("a.fits")).to_have_count(0)
    assert (lab / "b.fits").read_text() == "a.fits"
    button(page, "Trash").click()
    expect(page.get_by_text("What you have deleted in lab")).to_be_visible()
    button(page, "Restore b.fits").first.click()
    expect(page.get_by_role("region", name="Trash").get_by_role("alert")).to_contain_text("is there already")
    button(page, "Remove b.fits for good").first.click()
    button(page, "Remove for good").first.click()
    expect(page.get_by_role("region", name="Trash")).to_contain_text("Nothing is in the trash.")


def test_a_file_is_moved_to_another_folder(desk: Workspace, lab: Path) -> None:
    page = desk.page
    desk.file("a.fits").click()
    button(page, "Move").click()
    expect(button(page, "Move it here")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(button(page, "Move it here")).to_have_count(0)
    button(page, "Move").click()
    desk.file("night").dblclick()
    button(page, "Move it here").click()
    expect(desk.file("a.fits")).to_be_visible()
    assert (lab / "night" / "a.fits").read_text() == "a.fits"
    desk.notice("a.fits is moved").get_by_role("button", name="Undo").click()
    expect(desk.file("a.fits")).to_have_count(0)
    assert (lab / "a.fits").exists()


@pytest.mark.skipif(not TWO_DISKS, reason="there is no second file system")
def test_a_file_is_moved_to_another_disk(desk: Workspace, lab: Path) -> None:
    page = desk.page
    desk.file("b.fits").click()
    button(page, "Move").click()
    desk.files.focus()
    desk.press("Backspace")
    desk.file("other").dblclick()
    button(page, "Move it here").click()
    expect(desk.file("b.fits")).to_be_visible()
    assert not (lab / "b.fits").exists()
    notice = desk.notice("b.fits is moved. The original is in the trash of lab, since that lies on another disk.")
    notice.get_by_role("button", name="Undo").click()
    expect(desk.file("b.fits")).to_have_count(0)
    assert (lab / "b.fits").read_text() == "b.fits"


def test_what_others_do_is_seen(desk: Workspace, lab: Path) -> None:
    (lab / "from outside.fits").write_text("x")
    expect(desk.file("from outside.fits")).to_be_visible()
    (lab / "from outside.fits").unlink()
    expect(desk.file("from outside.fits")).to_have_count(0)


def upload(page: Page, *files: Path) -> None:
    page.locator("toyz-file-dialog[inline] input[type=file][multiple]").set_input_files([str(file) for file in files])


def test_uploads_pause_go_on_and_survive_a_reload(desk: Workspace, lab: Path, tmp_path: Path) -> None:
    big, small = tmp_path / "big.fits", tmp_path / "small.fits"
    big.write_bytes(os.urandom(1 << 20) * 24)
    small.write_bytes(b"small")
    page = desk.page
    # The line is slow enough for somebody to press a button.
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": 8 << 20}
    network.send("Network.emulateNetworkConditions", slow)
    upload(page, small, big)
    expect(desk.file("small.fits")).to_be_visible()
    bar = page.get_by_role("progressbar", name="Upload of big.fits")
    expect(bar).to_be_visible()
    sending = page.locator("toyz-upload-list .sending").locator("visible=true")
    expect(sending).to_contain_text(re.compile(r"[1-9][\d.]* MB of"))
    button(page, "Pause: big.fits").click()
    expect(page.get_by_text("paused,")).to_be_visible()
    button(page, "Go on: big.fits").click()
    expect(button(page, "Pause: big.fits")).to_be_visible()
    page.reload()
    desk.file("lab").dblclick()
    expect(page.get_by_text("not finished: upload the same file to lab again")).to_be_visible()
    assert not (lab / "big.fits").exists()
    upload(page, big)
    expect(desk.file("big.fits")).to_be_visible()
    assert (lab / "big.fits").read_bytes() == big.read_bytes()
    assert not [name for name in os.listdir(lab) if name.startswith(".toyz-upload")]
    (lab / "big.fits").unlink()


def test_an_upload_asks_before_it_replaces(desk: Workspace, lab: Path, tmp_path: Path) -> None:
    page = desk.page
    (tmp_path / "a.fits").write_text("new")
    upload(page, tmp_path / "a.fits")
    expect(page.get_by_text("A file of this name is there already.")).to_be_visible()
    assert (lab / "a.fits").read_text() == "a.fits"
    button(page, "Replace it").click()
    expect(page.get_by_text("a.fits is uploaded.")).to_be_visible()
    assert (lab / "a.fits").read_text() == "new"


def test_files_are_dropped_onto_the_dialog(desk: Workspace, lab: Path) -> None:
    desk.page.locator("toyz-file-dialog[inline] .frame").evaluate(
        """frame => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(['dropped'], 'dropped.fits'));
            for (const kind of ['dragover', 'drop'])
                frame.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }"""
    )
    expect(desk.file("dropped.fits")).to_be_visible()
    assert (lab / "dropped.fits").read_text() == "dropped"
    (lab / "dropped.fits").unlink()


def test_a_folder_is_picked_with_what_is_in_it(desk: Workspace, lab: Path, tmp_path: Path) -> None:
    (tmp_path / "set" / "inner").mkdir(parents=True)
    (tmp_path / "set" / "inner" / "one.fits").write_text("one")
    desk.page.locator("toyz-file-dialog[inline] input[webkitdirectory]").set_input_files(str(tmp_path / "set"))
    expect(desk.file("set")).to_be_visible()
    expect(desk.page.get_by_text("one.fits is uploaded.")).to_be_visible()
    assert (lab / "set" / "inner" / "one.fits").read_text() == "one"


def test_files_and_folders_are_downloaded(desk: Workspace, lab: Path, tmp_path: Path) -> None:
    page = desk.page
    for name, saved in (("a.fits", "a.fits"), ("night", "night.zip")):
        desk.file(name).click()
        with page.expect_download() as coming:
            button(page, "Download").click()
        assert coming.value.suggested_filename == saved
        coming.value.save_as(tmp_path / saved)
    assert (tmp_path / "a.fits").read_text() == (lab / "a.fits").read_text()
    assert "night/" in zipfile.ZipFile(tmp_path / "night.zip").namelist()


def test_the_palette_knows_the_commands(desk: Workspace) -> None:
    desk.files.press("Escape")
    desk.page.evaluate("document.activeElement.blur()")
    desk.command("New folder")
    expect(field(desk.page, "New folder")).to_be_visible()


def test_who_may_only_look_is_offered_no_changes(chromium: Browser, writing: Served, lab: Path) -> None:
    done(writing.folder, "user", "add", "eve", "--password-stdin", given=PASSWORD + "\n")
    done(writing.folder, "share", "grant", "lab", "eve")
    page = signed_in(chromium, writing, "eve", PASSWORD)
    files = page.get_by_role("grid", name="Files").locator("visible=true")
    files.get_by_text("lab", exact=True).dblclick()
    expect(files.get_by_text("a.fits", exact=True)).to_be_visible()
    expect(button(page, "Download")).to_be_visible()
    for name in ("New folder", "Rename", "Delete", "Upload files", "Trash"):
        expect(button(page, name)).to_have_count(0)
    page.context.close()


def faults(page: Page) -> list[str]:
    """Give what axe finds, the serious and the critical."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [str(fault) for fault in found["violations"] if fault["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("width", [1200, 400])
def test_the_dialog_is_accessible(desk: Workspace, width: int) -> None:
    page = desk.page
    page.set_viewport_size({"width": width, "height": 800})
    desk.file("a.fits").click()
    desk.press("F2")
    expect(field(page, "New name")).to_be_visible()
    assert faults(page) == []
    desk.press("Escape")
    button(page, "Trash").click()
    expect(page.get_by_role("region", name="Trash")).to_be_visible()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
