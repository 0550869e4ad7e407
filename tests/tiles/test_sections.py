import pytest

from toyz_tiles.sections import Section, data_section, parse_binning, parse_section


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("[2053:4092,8197:12284]", Section(2053, 4092, 8197, 12284)),
        (" [ 1 : 10 , 20 : 5 ] ", Section(1, 10, 5, 20, flip_y=True)),
        ("[2048:1025,4096:1]", Section(1025, 2048, 1, 4096, flip_x=True, flip_y=True)),
        ("[0:0,0:0]", None),
        ("[1:2]", None),
        ("", None),
        ("[1:99999999999,1:2]", None),
    ],
)
def test_sections(text: str, section: Section | None) -> None:
    assert parse_section(text) == section


@pytest.mark.parametrize(
    ("text", "binning"), [("1 1", (1, 1)), ("2 4", (2, 4)), ("2,2", (2, 2)), ("", (1, 1)), ("0 0", (1, 1))]
)
def test_binning(text: str, binning: tuple[int, int]) -> None:
    assert parse_binning(text) == binning


def test_a_raw_frame_is_cut_to_its_data() -> None:
    cards = {"DATASEC": "[57:2104,51:4146]", "TRIMSEC": "[57:2104,51:4146]"}
    assert data_section(cards, (4146, 2160), (2048, 4096)) == Section(57, 2104, 51, 4146)


def test_a_trimmed_frame_that_kept_its_datasec_is_whole() -> None:
    cards = {"DATASEC": "[57:2104,51:4146]"}
    assert data_section(cards, (4096, 2048), (2048, 4096)) == Section(1, 2048, 1, 4096)


def test_a_frame_trimmed_a_little_more_than_its_section_is_whole() -> None:
    assert data_section({}, (4094, 2046), (2040, 4088)) == Section(1, 2046, 1, 4094)


def test_a_cut_out_is_not_what_detsec_describes() -> None:
    assert data_section({}, (51, 41), (2040, 4088)) is None
