"""What a task of the server's own modules is given."""

from dataclasses import dataclass

from toyz_web.access import Access
from toyz_web.auth import Identity
from toyz_web.rooms import Guest
from toyz_web.shared import Shared


@dataclass(frozen=True)
class ServerContext:
    """Who calls, from which window, and the server's parts."""

    identity: Identity
    window: Guest
    shared: Shared

    @property
    def user(self) -> str:
        """The name of who calls."""
        return self.identity.user

    async def is_administrator(self) -> bool:
        """Whether who calls sees to the accounts of others, and shows a token for this or is signed in."""
        user = await self.shared.accounts.find(self.user)
        return user is not None and user.admin and not user.disabled and self.identity.may("admin")

    @property
    def access(self) -> Access:
        """What changes logins."""
        return self.shared.access
