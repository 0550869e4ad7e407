import pytest
from hypothesis import settings

from toyz_tiles.warm import warm

# The first call of a kernel may compile it, and a shared machine pauses where it likes.
settings.register_profile("tiles", deadline=None)
settings.load_profile("tiles")


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    warm()
