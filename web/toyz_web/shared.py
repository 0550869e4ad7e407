"""What all windows of a server share."""

import asyncio
from dataclasses import dataclass

from toyz.config import Config
from toyz_sessions.jobs import JobManager
from toyz_sessions.manager import SessionManager
from toyz_sessions.messages import Changed, Grant
from toyz_sessions.paths import RESERVED
from toyz_web.access import Access
from toyz_web.directory import Directory
from toyz_web.jobfeed import JobFeed
from toyz_web.meters import Meters
from toyz_web.outbox import Budget
from toyz_web.processes import Memories
from toyz_web.rooms import Rooms
from toyz_web.shares import Shares
from toyz_web.status_board import StatusBoard
from toyz_web.store.accounts import AccountStore
from toyz_web.store.audit import Audit
from toyz_web.store.database import Database
from toyz_web.store.quotas import QuotaStore
from toyz_web.store.settings import SettingStore
from toyz_web.store.tokens import TokenStore
from toyz_web.store.uploads import UploadStore
from toyz_web.store.workspace_links import LinkStore
from toyz_web.store.workspaces import WorkspaceStore
from toyz_web.tilecache import TileCache


@dataclass(frozen=True)
class Shared:
    """The parts that answer a window's requests."""

    config: Config
    directory: Directory
    sessions: SessionManager
    jobs: JobManager
    feed: JobFeed
    settings: SettingStore
    accounts: AccountStore
    tokens: TokenStore
    access: Access
    audit: Audit
    tiles: TileCache
    shares: Shares
    database: Database
    meters: Meters
    board: StatusBoard
    memories: Memories
    workspaces: WorkspaceStore
    links: LinkStore
    rooms: Rooms
    uploads: UploadStore
    quotas: QuotaStore
    outboxes: Budget

    def grants_for(self, user: str) -> tuple[Grant, ...]:
        """Give what the session of a user may see; without a login that is what everybody may."""
        return self.shares.grants_for(user)

    def on_changed(self, user: str, change: Changed) -> None:
        """Keep in the audit log what a session of a user has changed."""
        hidden = f"/{RESERVED}"
        detail = "" if hidden in change.to else change.to
        self.audit.note(user, change.action, change.path, detail)
        if change.to or change.action == "remove":
            task = asyncio.create_task(self.uploads.follow(change.path, change.to))
            _following.add(task)
            task.add_done_callback(_following.discard)


_following: set[asyncio.Task[None]] = set()
