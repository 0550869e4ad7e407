"""Keywords of a FITS header text, found without parsing the cards that nobody asks for."""

from collections.abc import Iterator, Mapping

CARD = 80
VALUE = 10


class HeaderText(Mapping[str, str]):
    """Keyword → value as text, strings unquoted; of a keyword given twice the first.

    A mosaic of sixty CCDs needs half a dozen of each header's hundred cards, and a file is
    opened in the time that parsing them all would take.

    Parameters
    ----------
    text : str
        80-character cards.
    """

    def __init__(self, text: str) -> None:
        self._fields: dict[str, str] = {}
        for start in range(0, len(text), CARD):
            if text[start + 8 : start + 10] == "= ":
                self._fields.setdefault(text[start : start + 8].rstrip(), text[start + VALUE : start + CARD])

    def __getitem__(self, keyword: str) -> str:
        field = self._fields[keyword].strip()
        if not field.startswith("'"):
            return field.partition("/")[0].strip()
        end = 1
        while (end := field.find("'", end)) >= 0 and field[end + 1 : end + 2] == "'":
            end += 2
        return field[1 : end if end >= 0 else None].replace("''", "'").rstrip()

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)
