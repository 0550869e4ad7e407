BEGIN TRANSACTION;
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
CREATE TABLE "logins" (
   "id" TEXT PRIMARY KEY,
   "user" TEXT,
   "secret" TEXT,
   "created" REAL,
   "expires" REAL
) STRICT;
INSERT INTO "logins" VALUES('2c73ed8c726cb7665a8bb73e0ecdeddf08858c71ec4aa5ac4f85579bab7fb863','me','secret',1795732120.5,9798324120.5);
CREATE TABLE "settings" (
   "user" TEXT,
   "key" TEXT,
   "value" TEXT NOT NULL,
   PRIMARY KEY ("user", "key")
) STRICT;
INSERT INTO "settings" VALUES('me','theme','"dark"');
CREATE TABLE "tickets" (
   "id" TEXT PRIMARY KEY,
   "user" TEXT,
   "expires" REAL
) STRICT;
INSERT INTO "tickets" VALUES('fbbe540a30d26e11089ec9d2fc0417ce7f6964185bfe1d2b5e764c73c5ba5a8f','me',9795735720.5);
CREATE INDEX "idx_jobs_user_created"
    ON "jobs" ("user", "created");
CREATE INDEX "idx_jobs_phase"
    ON "jobs" ("phase");
PRAGMA user_version = 1;
COMMIT;
