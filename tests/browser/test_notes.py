"""Notes in Markdown: written, found, edited and undone; and never more than text of what others put into them."""

from playwright.sync_api import Locator, expect

from tests.browser.workspace import Workspace

HOSTILE = """<script>window.mark = "script"</script>

<img src=x onerror="window.mark = 'image'">

![pixel](https://example.org/track.png)

[click](javascript:window.mark='link')

<a href="javascript:window.mark='raw'">raw</a>

<style>* { display: none !important }</style>

**bold**"""


def panel(workspace: Workspace) -> Locator:
    return workspace.page.locator("toyz-notes-panel").locator("visible=true")


def articles(workspace: Workspace) -> Locator:
    return panel(workspace).get_by_role("article")


def write(workspace: Workspace, text: str) -> None:
    workspace.press("N")
    box = panel(workspace).get_by_label("Text of the note")
    expect(box).to_be_focused()
    box.fill(text)
    box.press("Control+Enter")
    expect(box).to_have_count(0)
    expect(articles(workspace).first).to_be_focused()


def test_notes_are_written_found_edited_and_undone(workspace: Workspace) -> None:
    workspace.open("sky", "cube.fits")
    before = articles(workspace).count()
    write(workspace, "Clear *sky* tonight")
    write(workspace, "A **trail** of a satellite")
    expect(articles(workspace)).to_have_count(before + 2)
    first = articles(workspace).first
    expect(first.locator("strong")).to_have_text("trail")
    expect(first).to_contain_text("cube.fits")
    expect(first.locator("time")).to_be_visible()
    panel(workspace).get_by_label("Search the notes").fill("SKY clear")
    expect(articles(workspace).first.locator("em")).to_have_text("sky")
    panel(workspace).get_by_label("Search the notes").fill("")
    first.focus()
    workspace.press("Enter")
    box = panel(workspace).get_by_label("Text of the note")
    expect(box).to_have_value("A **trail** of a satellite")
    box.fill("Two trails")
    box.press("Control+Enter")
    expect(articles(workspace).first).to_contain_text("Two trails")
    expect(articles(workspace).first).to_be_focused()
    workspace.press("Delete")
    expect(articles(workspace)).to_have_count(before + 1)
    expect(articles(workspace).first).to_be_focused()
    workspace.press("N")
    expect(box).to_be_focused()
    workspace.press("Escape")
    expect(panel(workspace).get_by_role("button", name="New note")).to_be_focused()
    workspace.press("Control+z", "Control+z")
    expect(articles(workspace).first.locator("strong")).to_have_text("trail")


def test_f18_what_others_write_is_shown_as_text_and_fetches_nothing(workspace: Workspace) -> None:
    asked: list[str] = []
    workspace.page.on("request", lambda request: asked.append(request.url))
    workspace.open("sky", "cube.fits")
    write(workspace, HOSTILE)
    shown = articles(workspace).first
    expect(shown.locator("strong")).to_have_text("bold")
    expect(shown).to_contain_text("<script>")
    expect(shown).to_contain_text("<style>")
    assert shown.locator("script, style, img, [onerror]").count() == 0
    for link in shown.locator("a").all():
        href = link.get_attribute("href")
        assert href is None or href.startswith("https://example.org/")
        assert link.get_attribute("rel") == "noopener noreferrer"
    for text in ("click", "raw"):
        shown.get_by_text(text).first.click()
    workspace.next_frame()
    assert workspace.page.evaluate("window.mark") is None
    assert not [url for url in asked if "example.org" in url]


def test_a_note_about_a_region_leads_to_it(workspace: Workspace) -> None:
    workspace.open("sky", "cube.fits")
    workspace.press("M")
    workspace.page.mouse.click(*workspace.point(0.5, 0.5))
    write(workspace, "the middle")
    workspace.press("Escape")
    shown = articles(workspace).first
    shown.get_by_role("button", name="Point at").click()
    workspace.command("Regions")
    chosen = workspace.page.locator("toyz-regions-panel .option[aria-selected=true]").locator("visible=true")
    expect(chosen).to_have_count(1)
    expect(chosen).to_contain_text("Point at")
