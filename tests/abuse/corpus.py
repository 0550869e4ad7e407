"""The abuse corpus: what each row is, and which rows have no way in.

A test tells its rows by its name (``test_p1_p4_brackets``) or by the mark ``row``; `tests.abuse.table` prints
at the end of a run what was tried of each and whether it held. A row that nothing tries fails
`tests/abuse/test_corpus.py`, unless it stands in `NO_WAY_IN`.
"""

import re

ROWS = {
    "F1": "more axes than a library bears (104, 999)",
    "F2": "a thousand million axes in two blocks",
    "F3": "axes of 10^62 pixels, 2^323, fewer than none",
    "F4": "a HCOMPRESS stream larger than its tile",
    "F5": "gzip and bzip2 bombs",
    "F6": "58 MB of header without END",
    "F7": "20,001 HDUs; 300,000 cards",
    "F8": "100,000 CONTINUE cards",
    "F9": "TFORM, PCOUNT and THEAP that contradict each other",
    "F10": "tiles larger than the image, a huge image in a small table",
    "F11": "data cut short: what is there is shown",
    "F12": "a PNG of 12000 × 12000 in 17 kB",
    "F13": "PostScript as an image",
    "F14": "a VOTable that refers to a file",
    "F15": "XML entity bombs and external entities",
    "F16": "pickles in .npy and ECSV",
    "F17": "a CSV field of 50 MB",
    "F18": "<script> in a header value",
    "F19": "malformed WCS cards",
    "F20": "a RICE stream that runs past its end, descriptors past the heap",
    "P1": "the bracket syntax of CFITSIO",
    "P2": "its output syntax",
    "P3": "uploads named with ()[]!",
    "P4": "URLs, shmem://, -, ~, $HOME",
    "P5": "..; percent-encoded once and twice; backslash; NUL",
    "P6": "/data-secret beside /data",
    "P7": "links that lead out",
    "P8": "links swapped while they are opened, 10^5 tries",
    "P9": "pipes, sockets, devices",
    "P10": "/proc/self/root",
    "P11": "the server's own database and secrets",
    "P12": "names of 4096 characters, bidirectional, not UTF-8",
    "P13": "a folder of a million entries",
    "M1": "module os, task system",
    "M2": "imported names, dunders",
    "M3": "another user's id in a message",
    "M4": "unknown, missing, mistyped parameters",
    "M5": "JSON 200,000 deep, an integer of 100,000 digits",
    "M6": "NaN, Infinity, 1e999",
    "M7": "the same id twice",
    "M8": "expressions that reach names",
    "M9": "expressions that import",
    "M10": "a regular expression that never ends, in a filter",
    "M11": "an error text that names a path",
    "A1": "cookies tampered with, expired, of an old secret",
    "A2": "a cookie after signing out and after a changed password",
    "A3": "a session fixed before the sign-in",
    "A4": "the flags of the cookie",
    "A5": "POST without the XSRF token, no-cors, as a form",
    "A6": "next=//host and its spellings",
    "A7": "a user name of 10 MB",
    "A8": "guessing passwords; unknown users cost the same",
    "A9": "forged X-Forwarded-* headers",
    "A10": "links guessed, revoked, expired",
    "W1": "foreign, suffixed, null and other-port origins",
    "W2": "no Origin: cookie with its XSRF token, or a bearer",
    "W3": "no login: refused before the upgrade",
    "W4": "frames of 11 MiB, and one that claims 2^62",
    "W5": "a deflate bomb",
    "W6": "a reader that does not read",
    "W7": "200,000 empty fragments, bad UTF-8",
    "W8": "10,000 jobs in a second",
    "W9": "1000 sockets of one user",
    "S1": "SQL that reads files",
    "S2": "SQL: SET after the lock",
    "S3": "SQL: COPY into an allowed folder",
    "S4": "SQL: where temporary files land",
    "S5": "SQL: ATTACH, VACUUM INTO",
    "S6": "SQL without end",
    "S7": "SQL: strings of 2 GB",
    "S8": "SQL: results without end",
    "S9": "SQL: ; DROP, PRAGMA, odd column names",
    "U1": "zip-slip; formulas in exported CSV",
    "U2": "over quota; a lying Content-Length; stopped midway",
    "R1": "5000 parts of a form",
    "R2": "200 requests that never end",
    "R3": "100 sign-ins at once",
    "R4": "fork, memory and processor bombs in a job",
    "X1": "another user's job, tile, export by its id",
    "X2": "a share withdrawn while it is open",
    "X3": "signals, ptrace and scratch of another session",
    "X4": "HTML and SVG of users",
}

_TABLES = "tables are not read yet; it comes with the catalogs"
_SQL = "there is no SQL yet; it comes with the catalogs"
NO_WAY_IN = {
    "F14": _TABLES,
    "F15": "no XML is read yet; it comes with the catalogs",
    "F16": "neither .npy nor ECSV is read yet; it comes with the catalogs",
    "F17": _TABLES,
    "M8": "no expression is evaluated yet; it comes with the catalogs",
    "M9": "no expression is evaluated yet; it comes with the catalogs",
    **{f"S{number}": _SQL for number in range(1, 10)},
}
_NAME = re.compile(r"^test((?:_[a-z]\d+)+)(?:_|$|\[)")


def rows_in(name: str) -> tuple[str, ...]:
    """Give the rows that a test's name tells, such as ``M1`` and ``M2`` of ``test_m1_m2_over_http``."""
    match = _NAME.match(name)
    found = match[1].upper().split("_") if match else []
    return tuple(row for row in found if row in ROWS)
