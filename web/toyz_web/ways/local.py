"""The ways of this server itself: passwords that it keeps, tokens, and links that work once."""

from toyz_web.passwords import is_password
from toyz_web.store.accounts import AccountStore, User
from toyz_web.store.logins import Login
from toyz_web.store.tokens import TokenStore


class LinkWay:
    """Links that work once, and the server's own token: what they end with is in `Login.secret`."""

    name = "link"

    async def stands(self, login: Login, user: User) -> bool:
        """Say yes."""
        del login, user
        return True


class PasswordWay(LinkWay):
    """Passwords that this server keeps.

    Parameters
    ----------
    accounts : AccountStore
    """

    name = "password"
    create_users = False

    def __init__(self, accounts: AccountStore) -> None:
        self._accounts = accounts

    async def check(self, name: str, password: str, address: str) -> User | None:
        """Say whose name and password these are."""
        del address
        user = await self._accounts.find(name)
        right = await is_password(password, user.password if user is not None else "")
        return user if right and user is not None and not user.disabled else None


class TokenWay:
    """Personal tokens: a login that was had for one does not outlive it.

    Parameters
    ----------
    tokens : TokenStore
    """

    name = "token"

    def __init__(self, tokens: TokenStore) -> None:
        self._tokens = tokens

    async def stands(self, login: Login, user: User) -> bool:
        """Whether the token is there still."""
        del user
        return await self._tokens.stands(login.proof)
