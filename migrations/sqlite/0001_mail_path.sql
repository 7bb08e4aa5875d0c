-- Domains, prefixes, keys, addresses, and what mail leaves behind. Times are milliseconds since 1970-01-01T00:00Z,
-- days are days since 1970-01-01. This file is frozen: a change is a new file with the next number.

-- 'tdly': tells our file from another program's.
PRAGMA application_id = 0x74646c79;

CREATE TABLE domains (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL COLLATE NOCASE UNIQUE,
  time_zone TEXT NOT NULL,
  postmaster TEXT,
  -- The part of `postmaster` after the @: loops are found by it.
  postmaster_domain TEXT COLLATE NOCASE,
  max_prefix_length INTEGER NOT NULL CHECK (max_prefix_length BETWEEN 2 AND 16),
  created_at INTEGER NOT NULL,
  CHECK ((postmaster IS NULL) = (postmaster_domain IS NULL))
) STRICT;

CREATE TABLE prefixes (
  id INTEGER PRIMARY KEY,
  domain_id INTEGER NOT NULL REFERENCES domains (id),
  name TEXT NOT NULL,
  max_days INTEGER NOT NULL CHECK (max_days BETWEEN 1 AND 99),
  default_days INTEGER NOT NULL CHECK (default_days BETWEEN 1 AND max_days),
  signed INTEGER NOT NULL CHECK (signed IN (0, 1)),
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  note TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (domain_id, name)
) STRICT;

CREATE TABLE prefix_mailboxes (
  prefix_id INTEGER NOT NULL REFERENCES prefixes (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  mailbox TEXT NOT NULL,
  -- The part of `mailbox` after the @: loops are found by it.
  domain TEXT NOT NULL COLLATE NOCASE,
  PRIMARY KEY (prefix_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX prefix_mailboxes_by_domain ON prefix_mailboxes (domain);

CREATE TABLE signing_keys (
  -- The kid of the key derivation. Numbers are never used twice: the newest key is never deleted.
  id INTEGER PRIMARY KEY,
  secret BLOB NOT NULL CHECK (length(secret) = 32),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE addresses (
  id INTEGER PRIMARY KEY,
  domain_id INTEGER NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
  local_part TEXT NOT NULL,
  -- A name, not a reference: the record outlives the prefix, so that what was revoked stays revoked.
  prefix TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  site TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  revoked_at INTEGER,
  extended_through INTEGER,
  accepted INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0,
  last_sender TEXT NOT NULL DEFAULT '',
  last_seen_at INTEGER,
  -- 1 once a person made, named, revoked or extended it.
  by_person INTEGER NOT NULL CHECK (by_person IN (0, 1)),
  UNIQUE (domain_id, local_part)
) STRICT;

CREATE INDEX addresses_by_prefix ON addresses (prefix, domain_id);

-- Strays: only refused mail ever knew them. Oldest first, they are what goes when there are too many.
CREATE INDEX stray_addresses ON addresses (last_seen_at) WHERE by_person = 0 AND accepted = 0;

-- History keeps names, not references: it outlives the domain and the prefix.
CREATE TABLE decisions (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  day INTEGER NOT NULL,
  queue_id TEXT NOT NULL,
  client TEXT NOT NULL,
  sender TEXT NOT NULL,
  recipient TEXT NOT NULL,
  domain TEXT NOT NULL,
  prefix TEXT,
  local_part TEXT,
  verdict TEXT NOT NULL
) STRICT;

CREATE INDEX decisions_by_prefix ON decisions (prefix, domain);

CREATE TABLE daily_counts (
  day INTEGER NOT NULL,
  domain TEXT NOT NULL,
  prefix TEXT NOT NULL,
  verdict TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (day, domain, prefix, verdict)
) STRICT, WITHOUT ROWID;

-- One row that says when the mail path must read again what it holds in memory. Recording mail changes neither number.
CREATE TABLE revisions (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- Domains and keys.
  settings INTEGER NOT NULL,
  -- All that a verdict depends on: prefixes, their mailboxes, revoked and extended addresses.
  facts INTEGER NOT NULL
) STRICT;

INSERT INTO revisions (id, settings, facts) VALUES (1, 1, 1);

CREATE TRIGGER domain_added AFTER INSERT ON domains BEGIN
  UPDATE revisions SET settings = settings + 1, facts = facts + 1;
END;
CREATE TRIGGER domain_changed AFTER UPDATE ON domains BEGIN
  UPDATE revisions SET settings = settings + 1, facts = facts + 1;
END;
CREATE TRIGGER domain_removed AFTER DELETE ON domains BEGIN
  UPDATE revisions SET settings = settings + 1, facts = facts + 1;
END;

CREATE TRIGGER key_added AFTER INSERT ON signing_keys BEGIN
  UPDATE revisions SET settings = settings + 1;
END;
CREATE TRIGGER key_removed AFTER DELETE ON signing_keys BEGIN
  UPDATE revisions SET settings = settings + 1;
END;

CREATE TRIGGER prefix_added AFTER INSERT ON prefixes BEGIN
  UPDATE revisions SET facts = facts + 1;
END;
CREATE TRIGGER prefix_changed AFTER UPDATE ON prefixes BEGIN
  UPDATE revisions SET facts = facts + 1;
END;
CREATE TRIGGER prefix_removed AFTER DELETE ON prefixes BEGIN
  UPDATE revisions SET facts = facts + 1;
END;
CREATE TRIGGER mailbox_added AFTER INSERT ON prefix_mailboxes BEGIN
  UPDATE revisions SET facts = facts + 1;
END;
CREATE TRIGGER mailbox_changed AFTER UPDATE ON prefix_mailboxes BEGIN
  UPDATE revisions SET facts = facts + 1;
END;
CREATE TRIGGER mailbox_removed AFTER DELETE ON prefix_mailboxes BEGIN
  UPDATE revisions SET facts = facts + 1;
END;

CREATE TRIGGER address_added AFTER INSERT ON addresses
WHEN new.revoked_at IS NOT NULL OR new.extended_through IS NOT NULL BEGIN
  UPDATE revisions SET facts = facts + 1;
END;
CREATE TRIGGER address_changed AFTER UPDATE OF revoked_at, extended_through ON addresses BEGIN
  UPDATE revisions SET facts = facts + 1;
END;
CREATE TRIGGER address_removed AFTER DELETE ON addresses
WHEN old.revoked_at IS NOT NULL OR old.extended_through IS NOT NULL BEGIN
  UPDATE revisions SET facts = facts + 1;
END;
