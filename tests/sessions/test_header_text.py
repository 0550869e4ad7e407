"""Values of header cards agree with astropy's."""

from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from toyz_sessions.header_text import HeaderText

text = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)


@given(text, st.integers(-(10**9), 10**9), st.booleans(), text)
def test_values(string: str, number: int, truth: bool, comment: str) -> None:
    header = fits.Header()
    header["STRING"] = string
    header["NUMBER"] = (number, comment[:30])
    header["TRUTH"] = truth
    header["NUMBER2"] = 1.5
    found = HeaderText(header.tostring())
    if len(header.tostring()) % 80 == 0 and "CONTINUE" not in header.tostring():
        assert found["STRING"] == string.rstrip()
    assert found["NUMBER"] == str(number)
    assert found["TRUTH"] == ("T" if truth else "F")
    assert float(found["NUMBER2"]) == 1.5
    assert found.get("ABSENT") is None


def test_the_first_of_two_counts_and_comments_are_no_values() -> None:
    cards = ["A       =                    1", "A       =                    2", "COMMENT = 5", "B       'x'"]
    found = HeaderText("".join(card.ljust(80) for card in cards))
    assert found["A"] == "1"
    assert "B" not in found
