"""The file dialog, the header, and what is said when something cannot be opened."""

import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.workspace import Workspace


def test_keys_alone_find_and_open_a_file(workspace: Workspace) -> None:
    expect(workspace.file("sky")).to_be_visible()
    workspace.files.focus()
    workspace.press("ArrowDown", "Enter")
    expect(workspace.file("exposure.fits.fz")).to_be_visible()
    workspace.page.keyboard.type("cube")
    expect(workspace.files.get_by_role("row")).to_have_count(2)
    workspace.press("Enter")
    expect(workspace.status.locator(".zoom")).to_have_text(re.compile(r"\d"))
    expect(workspace.page.locator("toyz-topbar")).to_contain_text("cube.fits")


def test_folders_come_first_and_columns_sort(workspace: Workspace) -> None:
    workspace.file("sky").dblclick()
    names = workspace.files.locator(".entry .name")
    expect(names.first).to_have_text("many")
    workspace.files.get_by_role("button", name="Size").click()
    expect(workspace.files.get_by_role("columnheader", name="Size")).to_have_attribute("aria-sort", "descending")
    expect(names.nth(1)).to_have_text("exposure.fits.fz")
    workspace.files.get_by_role("button", name="Size").click()
    expect(names.nth(1)).to_have_text("notes.txt")


def test_hidden_files_are_shown_on_request(workspace: Workspace) -> None:
    workspace.file("sky").dblclick()
    expect(workspace.file("cube.fits")).to_be_visible()
    expect(workspace.file(".hidden.fits")).to_have_count(0)
    workspace.page.get_by_label("Hidden").locator("visible=true").check()
    expect(workspace.file(".hidden.fits")).to_be_visible()


def test_a_long_folder_is_read_where_one_looks(workspace: Workspace) -> None:
    workspace.file("sky").dblclick()
    workspace.file("many").dblclick()
    expect(workspace.files).to_have_attribute("aria-rowcount", "3001")
    assert workspace.files.locator(".entry").count() < 100
    workspace.files.focus()
    workspace.press("End")
    expect(workspace.file("frame_2999.fits")).to_be_visible()
    workspace.page.keyboard.type("_17")
    expect(workspace.files).to_have_attribute("aria-rowcount", "101")
    workspace.press("Backspace", "Backspace", "Backspace", "Backspace")
    expect(workspace.file("many")).to_have_attribute("aria-selected", "true")


def test_names_that_are_no_text_can_be_opened(workspace: Workspace, share: Path) -> None:
    folder = os.fsencode(share) + b"/r\xe9gion"
    os.mkdir(folder)
    shutil.copy(os.fsencode(share / "cube.fits"), folder + b"/line\nbreak\xff.fits")
    try:
        workspace.open("sky", "r\ufffdgion", "line\ufffdbreak\ufffd.fits")
        expect(workspace.page.locator("toyz-topbar .name")).to_have_text("line\ufffdbreak\ufffd.fits")
        workspace.page.reload()
        expect(workspace.page.locator("toyz-topbar")).to_contain_text("r\ufffdgion")
        workspace.read_at()
        assert workspace.value() > 0
    finally:
        shutil.rmtree(folder)


def test_slash_has_one_meaning_and_what_is_typed_is_the_filters(workspace: Workspace) -> None:
    workspace.file("sky").dblclick()
    expect(workspace.file("cube.fits")).to_be_visible()
    workspace.press("/")
    expect(workspace.page.get_by_role("combobox", name="Command or position")).to_be_focused()
    workspace.press("Escape")
    expect(workspace.files).to_be_focused()
    workspace.page.keyboard.type("cube/")
    name = workspace.page.get_by_label("Filter the names in this folder").locator("visible=true")
    expect(name).to_have_value("cube/")
    workspace.press("Backspace")
    expect(workspace.files.get_by_role("row")).to_have_count(2)
    workspace.press("Escape")
    expect(name).to_have_value("")
    expect(name).to_be_focused()
    workspace.press("Escape")
    expect(workspace.files).to_be_focused()


def test_a_question_mark_shows_the_keys_wherever_the_cursor_is(workspace: Workspace) -> None:
    filter_field = workspace.page.get_by_role("searchbox", name="Filter the names in this folder")
    filter_field.focus()
    workspace.press("?")
    keys = workspace.page.get_by_role("dialog", name=re.compile("keys", re.IGNORECASE))
    expect(keys).to_be_visible()
    workspace.press("Escape")
    expect(keys).to_have_count(0)
    expect(filter_field).to_have_value("")
    filter_field.fill("c")
    filter_field.press("?")
    expect(filter_field).to_have_value("c?")


def test_the_detail_lists_hdus_and_opens_one(workspace: Workspace) -> None:
    workspace.file("sky").dblclick()
    workspace.file("exposure.fits.fz").click()
    detail = workspace.page.get_by_role("region", name="File", exact=True).locator("visible=true")
    expect(detail).to_contain_text("62 HDUs")
    expect(detail).to_contain_text("RICE_1")
    detail.get_by_role("button", name=re.compile("^5 S26")).click()
    expect(workspace.status.locator(".zoom")).to_have_text(re.compile(r"\d"))
    workspace.press("0")
    x, y = workspace.read_at()
    assert (x, y) == pytest.approx((128, 256), abs=4)


def test_recent_files_and_bookmarks_stay_after_a_reload(workspace: Workspace) -> None:
    workspace.file("sky").dblclick()
    workspace.page.get_by_role("button", name="Bookmark", exact=True).locator("visible=true").click()
    workspace.file("colours.png").dblclick()
    expect(workspace.status.locator(".zoom")).to_have_text(re.compile(r"\d"))
    workspace.page.reload()
    expect(workspace.status.locator(".zoom")).to_have_text(re.compile(r"\d"))
    workspace.press("o")
    places = workspace.page.get_by_role("dialog", name="Open a file").get_by_role("navigation", name="Places")
    expect(places.get_by_role("button", name="sky")).to_be_visible()
    expect(places.get_by_role("button", name="colours.png")).to_be_visible()


@pytest.mark.parametrize("name", ["cut_short.fits", "not_a_picture.fits", "notes.txt"])
def test_what_does_not_open_says_why(workspace: Workspace, name: str, share: Path) -> None:
    workspace.file("sky").dblclick()
    workspace.file(name).dblclick()
    if name == "cut_short.fits":
        # A part of it can be read: it opens and says what is missing, or says why not.
        expect(workspace.page.locator("toyz-notices li, main [role=alert]").first).to_be_visible()
        return
    alert = workspace.page.locator("main [role=alert]").first
    expect(alert).to_be_visible()
    said = alert.inner_text()
    assert len(said.split()) > 4
    assert str(share) not in said
    assert "Traceback" not in said
    workspace.page.get_by_role("button", name="Log", exact=True).click()
    expect(workspace.page.locator("toyz-log-panel li.error")).to_contain_text("does not open")
    expect(workspace.page.locator("toyz-notices li")).to_have_count(0)  # said once, where the picture would be
    workspace.page.get_by_role("button", name="Choose another file").click()
    expect(workspace.files.first).to_be_visible()


def test_a_file_that_went_away_says_so(workspace: Workspace, scratch_file: Path) -> None:
    workspace.file("sky").dblclick()
    expect(workspace.file(scratch_file.name)).to_be_visible()
    scratch_file.unlink()
    workspace.file(scratch_file.name).dblclick()
    expect(workspace.page.locator("main [role=alert]").first).to_contain_text("scratch.fits")


def test_the_header_is_searched_and_never_taken_for_markup(workspace: Workspace) -> None:
    workspace.open("sky", "cube.fits")
    workspace.press("h")
    header = workspace.page.locator("toyz-header-panel")
    expect(header.locator(".keyword", has_text="NAXIS3")).to_be_visible()
    header.get_by_role("searchbox").fill("object")
    expect(header.get_by_role("status")).to_have_text(re.compile(r"^1 of \d+ cards"))
    card = header.get_by_role("option")
    expect(card).to_contain_text("<img src=x onerror=alert(1)>")
    expect(card).to_contain_text("<b>not markup</b>")
    assert card.locator("img, b").count() == 0
    expect(card.locator("mark")).to_have_text("OBJECT")


def test_what_only_the_ccds_hold_is_found_from_the_first_header(workspace: Workspace) -> None:
    workspace.open("sky", "exposure.fits.fz")
    workspace.press("h")
    header = workspace.page.locator("toyz-header-panel")
    search = header.get_by_role("searchbox")
    search.fill("detsec")
    expect(header.get_by_role("status")).to_have_text(re.compile(r"^0 of \d+ cards"))
    nothing, field = header.get_by_text("No card of this HDU holds this.").bounding_box(), search.bounding_box()
    assert nothing is not None
    assert field is not None
    assert nothing["y"] - field["y"] < 120, "it is seen where one looks"
    header.get_by_role("button", name="122 cards in other HDUs").click()
    expect(header.get_by_role("status")).to_have_text("122 cards in all HDUs")
    expect(header.locator(".card").first).to_contain_text("DETSEC")
    expect(search).to_have_value("detsec")


def test_the_header_of_another_hdu(workspace: Workspace) -> None:
    workspace.open("sky", "exposure.fits.fz")
    workspace.press("h")
    header = workspace.page.locator("toyz-header-panel")
    header.get_by_role("combobox", name="HDU").select_option("5")
    header.get_by_role("searchbox").fill("extname")
    expect(header.locator(".card")).to_have_count(1)
    expect(header.locator(".card")).to_contain_text("S26")


def test_a_notice_becomes_a_line_in_the_log_when_the_user_wants_so(workspace: Workspace) -> None:
    workspace.page.get_by_role("button", name="Settings").click()
    settings = workspace.page.locator("toyz-settings-panel")
    settings.get_by_label("Errors").select_option("panel")
    workspace.file("sky").dblclick()
    workspace.file("notes.txt").dblclick()
    log = workspace.page.locator("toyz-log-panel")
    expect(log.locator("li.error")).to_have_count(1)
    expect(workspace.notice("notes.txt")).to_have_count(0)


def test_plugins_run_from_their_forms(workspace: Workspace) -> None:
    workspace.page.get_by_role("button", name="Plugins").click()
    panel = workspace.page.locator("toyz-plugins-panel")
    panel.get_by_role("button", name="Count").click()
    step = panel.get_by_label("Step")
    step.fill("0")
    panel.get_by_role("button", name="Run").click()
    expect(panel.get_by_text("At least 1.")).to_be_visible()
    step.fill("3")
    panel.get_by_role("button", name="Run").click()
    expect(panel.locator("pre")).to_have_text("3")
    panel.get_by_role("button", name="Run").click()
    expect(panel.locator("pre")).to_have_text("6")


def test_a_job_is_followed_and_cancelled(workspace: Workspace) -> None:
    workspace.page.get_by_role("button", name="Plugins").click()
    panel = workspace.page.locator("toyz-plugins-panel")
    panel.get_by_role("button", name="Wait long").click()
    panel.get_by_label("Path").fill("sky/never_there.fits")
    panel.get_by_role("button", name="Run").click()
    expect(panel.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "50")
    workspace.page.get_by_role("button", name="Jobs").click()
    jobs = workspace.page.locator("toyz-jobs-panel")
    expect(jobs.locator(".phase").first).to_have_text("running")
    jobs.get_by_role("button", name="Cancel").click()
    expect(jobs.locator(".phase").first).to_have_text("cancelled")


def test_a_job_that_fails_says_so_quietly(workspace: Workspace) -> None:
    workspace.page.get_by_role("button", name="Plugins").click()
    panel = workspace.page.locator("toyz-plugins-panel")
    panel.get_by_role("button", name="Fail").click()
    panel.get_by_role("button", name="Run").click()
    expect(panel.get_by_role("alert")).to_be_visible()
    assert "/etc/shadow" not in panel.inner_text()
    expect(workspace.notice("patience · fail")).to_be_visible()
