BEGIN TRANSACTION;
CREATE TABLE "audit" (
   "id" INTEGER PRIMARY KEY,
   "time" REAL NOT NULL,
   "user" TEXT NOT NULL,
   "action" TEXT NOT NULL,
   "subject" TEXT NOT NULL,
   "detail" TEXT NOT NULL
) STRICT;
INSERT INTO "audit" VALUES(1,1795732120.5,'ada','open','decam/a.fits','');
CREATE TABLE "grants" (
   "share" TEXT,
   "subject" TEXT,
   "level" TEXT NOT NULL,
   PRIMARY KEY ("share", "subject")
) STRICT;
INSERT INTO "grants" VALUES('decam','@astro','write');
CREATE TABLE "groups" (
   "name" TEXT PRIMARY KEY,
   "created" REAL
) STRICT;
INSERT INTO "groups" VALUES('astro',1795732120.5);
CREATE TABLE "jobs" (
   "id" TEXT PRIMARY KEY,
   "user" TEXT NOT NULL,
   "module" TEXT,
   "task" TEXT,
   "phase" TEXT,
   "server" TEXT,
   "created" REAL,
   "record" TEXT NOT NULL
) STRICT;
INSERT INTO "jobs" VALUES('5b0f','ada','exposures','make','EXECUTING','a1b2c3d4',1795732120.5,'{"id": "5b0f", "user": "ada", "module": "exposures", "task": "make", "parameters": {"path": "sky/a.fits"}, "phase": "EXECUTING", "created": 1795732120.5}');
CREATE TABLE "logins" (
   "id" TEXT PRIMARY KEY,
   "user" TEXT,
   "secret" TEXT,
   "created" REAL,
   "expires" REAL
, "address" TEXT, "agent" TEXT) STRICT;
INSERT INTO "logins" VALUES('2c73ed8c726cb7665a8bb73e0ecdeddf08858c71ec4aa5ac4f85579bab7fb863','me','secret',1795732120.5,9798324120.5,NULL,NULL);
CREATE TABLE "members" (
   "group" TEXT REFERENCES "groups"("name"),
   "user" TEXT REFERENCES "users"("name"),
   PRIMARY KEY ("group", "user")
) STRICT;
INSERT INTO "members" VALUES('astro','ada');
CREATE TABLE "quotas" (
   "user" TEXT PRIMARY KEY,
   "unfinished" INTEGER NOT NULL,
   "finished" INTEGER NOT NULL
) STRICT;
INSERT INTO "quotas" VALUES('ada',0,52428800);
CREATE TABLE "settings" (
   "user" TEXT,
   "key" TEXT,
   "value" TEXT NOT NULL,
   PRIMARY KEY ("user", "key")
) STRICT;
INSERT INTO "settings" VALUES('me','theme','"dark"');
CREATE TABLE "shares" (
   "name" TEXT PRIMARY KEY,
   "path" TEXT,
   "write" INTEGER
) STRICT;
INSERT INTO "shares" VALUES('decam','/data/decam',1);
CREATE TABLE "tickets" (
   "id" TEXT PRIMARY KEY,
   "user" TEXT,
   "expires" REAL
) STRICT;
INSERT INTO "tickets" VALUES('fbbe540a30d26e11089ec9d2fc0417ce7f6964185bfe1d2b5e764c73c5ba5a8f','me',9795735720.5);
CREATE TABLE "tokens" (
   "id" TEXT PRIMARY KEY,
   "user" TEXT NOT NULL REFERENCES "users"("name"),
   "name" TEXT NOT NULL,
   "scope" TEXT NOT NULL,
   "created" REAL,
   "expires" REAL,
   "used" REAL
) STRICT;
INSERT INTO "tokens" VALUES('9f86d081','ada','laptop','read',1795732120.5,9795732120.5,1795732120.5);
CREATE TABLE "uploads" (
   "id" TEXT PRIMARY KEY,
   "user" TEXT NOT NULL,
   "path" TEXT NOT NULL,
   "length" INTEGER NOT NULL,
   "sha256" TEXT NOT NULL,
   "overwrite" INTEGER NOT NULL,
   "state" TEXT NOT NULL,
   "inode" TEXT NOT NULL,
   "created" REAL NOT NULL,
   "expires" REAL NOT NULL
) STRICT;
INSERT INTO "uploads" VALUES('u1','ada','decam/night/a.fits',2880,'',0,'open','',1795732120.5,1795818520.5);
CREATE TABLE "users" (
   "name" TEXT PRIMARY KEY,
   "admin" INTEGER NOT NULL,
   "disabled" INTEGER NOT NULL,
   "password" TEXT NOT NULL,
   "created" REAL
) STRICT;
INSERT INTO "users" VALUES('ada',1,0,'$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA',1795732120.5);
CREATE TABLE "workspace_entries" (
   "workspace" TEXT,
   "key" TEXT,
   "value" TEXT,
   "size" INTEGER NOT NULL,
   "revision" INTEGER NOT NULL,
   PRIMARY KEY ("workspace", "key")
) STRICT;
INSERT INTO "workspace_entries" VALUES('w1','note 1','{"text":"a trail in ccd N4"}',28,1);
CREATE TABLE "workspace_links" (
   "id" TEXT PRIMARY KEY,
   "workspace" TEXT NOT NULL,
   "level" TEXT NOT NULL,
   "created" REAL NOT NULL,
   "expires" REAL NOT NULL,
   "user" TEXT NOT NULL
) STRICT;
INSERT INTO "workspace_links" VALUES('l1','w1','view',1795732120.5,1795818520.5,'ada');
CREATE TABLE "workspace_members" (
   "workspace" TEXT,
   "user" TEXT,
   "link" TEXT,
   "opened" REAL NOT NULL,
   PRIMARY KEY ("workspace", "user", "link")
) STRICT;
INSERT INTO "workspace_members" VALUES('w1','ada','l1',1795732120.5);
CREATE TABLE "workspaces" (
   "id" TEXT PRIMARY KEY,
   "owner" TEXT NOT NULL,
   "name" TEXT NOT NULL,
   "created" REAL NOT NULL,
   "changed" REAL NOT NULL,
   "revision" INTEGER NOT NULL,
   "horizon" INTEGER NOT NULL,
   "deleted" REAL NOT NULL
) STRICT;
INSERT INTO "workspaces" VALUES('w1','ada','First light',1795732120.5,1795732140.5,1,1,0.0);
CREATE INDEX "idx_jobs_user_created"
    ON "jobs" ("user", "created");
CREATE INDEX "idx_jobs_phase"
    ON "jobs" ("phase");
CREATE UNIQUE INDEX "idx_tokens_user_name"
    ON "tokens" ("user", "name");
CREATE INDEX "idx_logins_user"
    ON "logins" ("user");
CREATE INDEX "idx_workspaces_owner"
    ON "workspaces" ("owner");
CREATE INDEX "idx_workspace_links_workspace"
    ON "workspace_links" ("workspace");
CREATE INDEX "idx_workspace_members_user"
    ON "workspace_members" ("user");
CREATE INDEX "idx_uploads_user_state"
    ON "uploads" ("user", "state");
PRAGMA user_version = 6;
COMMIT;
