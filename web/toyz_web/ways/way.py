"""What a way to sign in is, and the three kinds of them."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from toyz.errors import Unreachable
from toyz_web.store.accounts import User
from toyz_web.store.identities import Person
from toyz_web.store.logins import Login


class Unavailable(Unreachable):
    """Another system that signs people in does not answer."""


class Vouched(NamedTuple):
    """What a way elsewhere has found out.

    Attributes
    ----------
    person : Person
    hours : float
        How long a login of this may last.
    proof : str
        As of `toyz_web.store.logins.Login`.
    voucher : str
        A secret with which the way can ask later whether the login still stands; kept in memory alone.
    user : str
        The user here, where the person is no user of their own but let in to the server of another; else empty.
    """

    person: Person
    hours: float
    proof: str = ""
    voucher: str = ""
    user: str = ""


class Way(Protocol):
    """A way to sign in.

    Attributes
    ----------
    name : str
        What `Login.way` says of logins that it made.
    """

    name: str

    async def stands(self, login: Login, user: User) -> bool:
        """Whether a login that this way has made still counts."""


class Checking(Way, Protocol):
    """A way that checks a name and a password which the form of the sign-in page takes.

    Attributes
    ----------
    create_users : bool
        Whether somebody unknown becomes a user.
    """

    create_users: bool

    async def check(self, name: str, password: str, address: str) -> Vouched | User | None:
        """Say who that is; None, always after about the same time, if it is wrong.

        Parameters
        ----------
        name, password : str
        address : str
            Where the browser is.

        Raises
        ------
        Unavailable
        """


class Trip(NamedTuple):
    """One visit of a browser elsewhere, from which it must come back.

    Attributes
    ----------
    way : str
    state, nonce, verifier : str
        What binds the answer to this browser, the identity to this visit, and the code to this server.
    next : str
        Where to go on to, in this server.
    """

    way: str
    state: str
    nonce: str
    verifier: str
    next: str


class Visiting(Way, Protocol):
    """A way that sends the browser elsewhere to sign in there.

    Attributes
    ----------
    label : str
        What its button says.
    title : str
        What the other system is called.
    create_users : bool
        Whether somebody unknown becomes a user.
    period : float
        Seconds between two reviews; 0 if there are none.
    """

    label: str
    title: str
    create_users: bool
    period: float

    def callback(self, site: str) -> str:
        """Give the URL to which the browser comes back; `site` is that of this server, with a slash at its end."""

    async def depart(self, trip: Trip, site: str) -> str:
        """Give the URL elsewhere.

        Raises
        ------
        Unavailable
        """

    async def arrive(self, trip: Trip, query: Mapping[str, str], site: str) -> Vouched:
        """Say who has come back.

        Raises
        ------
        NotAuthenticated, Forbidden, Unavailable
        """

    def keep(self, login: str, voucher: str) -> None:
        """Keep the voucher of a login that was just made, by its id."""

    async def close(self) -> None:
        """Close the connections."""

    async def review(self) -> None:
        """Look whether logins still stand; `stands` says so of each afterwards."""

    async def farewell(self, login: Login, site: str) -> str | None:
        """Give the URL at which the sign-in elsewhere ends as well; None if there is none."""
