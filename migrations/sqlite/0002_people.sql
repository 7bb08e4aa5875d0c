-- People and what lets them in, and what the console asks of addresses: their days, who writes to them, a search.
-- Times are milliseconds since 1970-01-01T00:00Z, days are days since 1970-01-01. This file is frozen: a change is a new
-- file with the next number.

CREATE TABLE people (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  -- The name in one case: SQLite folds ASCII only.
  folded_name TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('postmaster', 'owner')),
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  -- scrypt, with its parameters and salt.
  password TEXT NOT NULL,
  totp_secret TEXT,
  -- Offered, not confirmed yet.
  totp_offer TEXT,
  -- The last time step whose code was used: a code works once.
  totp_step INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER
) STRICT;

-- The one-time code of the first visit.
CREATE TABLE set_up (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  client TEXT NOT NULL,
  agent TEXT NOT NULL
) STRICT;

CREATE INDEX sessions_by_person ON sessions (person_id);

ALTER TABLE prefixes ADD COLUMN owner_id INTEGER REFERENCES people (id) ON DELETE SET NULL;
ALTER TABLE prefixes ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;

CREATE INDEX prefixes_by_owner ON prefixes (owner_id) WHERE owner_id IS NOT NULL;

CREATE TABLE tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  prefix_id INTEGER NOT NULL REFERENCES prefixes (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  days INTEGER NOT NULL CHECK (days BETWEEN 1 AND 99),
  created_at INTEGER NOT NULL,
  last_used_at INTEGER,
  revoked_at INTEGER
) STRICT;

CREATE INDEX tokens_by_person ON tokens (person_id);
CREATE INDEX tokens_by_prefix ON tokens (prefix_id);

-- Names, not references: the list outlives whom and what it names.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  person TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  client TEXT NOT NULL
) STRICT;

-- ---- the days of an address ----

-- By its own date and two digits.
ALTER TABLE addresses ADD COLUMN first_day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE addresses ADD COLUMN days INTEGER NOT NULL DEFAULT 0;
-- First day on which it works, and first day on which it no longer does: capped as its prefix says, and extended as its
-- owner says. Triggers keep both right when either changes, so that they can be sorted and counted by an index.
ALTER TABLE addresses ADD COLUMN begins INTEGER NOT NULL DEFAULT 0;
ALTER TABLE addresses ADD COLUMN ends INTEGER NOT NULL DEFAULT 0;
ALTER TABLE addresses ADD COLUMN last_refused_at INTEGER;
-- The first sender of each organisation that wrote, for the search.
ALTER TABLE addresses ADD COLUMN senders TEXT NOT NULL DEFAULT '';

UPDATE addresses SET
  first_day = coalesce(CAST(julianday(
    substr(local_part, length(prefix) + 1, 4) || '-' || substr(local_part, length(prefix) + 5, 2) || '-' ||
    substr(local_part, length(prefix) + 7, 2)) - 2440587.5 AS INTEGER), 0),
  days = CAST(substr(local_part, length(prefix) + 9, 2) AS INTEGER),
  last_refused_at = CASE WHEN refused > 0 THEN last_seen_at END,
  senders = last_sender;
UPDATE addresses SET
  -- An extended address works at once, even before its own date.
  begins = CASE WHEN extended_through IS NULL THEN first_day ELSE -1000000 END,
  ends = max(coalesce(extended_through + 1, -1000000), first_day + min(days, coalesce(
    (SELECT max_days FROM prefixes WHERE domain_id = addresses.domain_id AND name = addresses.prefix), 99)));

CREATE TRIGGER address_dated AFTER INSERT ON addresses BEGIN
  UPDATE addresses SET
    first_day = coalesce(CAST(julianday(
      substr(local_part, length(prefix) + 1, 4) || '-' || substr(local_part, length(prefix) + 5, 2) || '-' ||
      substr(local_part, length(prefix) + 7, 2)) - 2440587.5 AS INTEGER), 0),
    days = CAST(substr(local_part, length(prefix) + 9, 2) AS INTEGER)
  WHERE id = new.id;
  UPDATE addresses SET
    begins = CASE WHEN extended_through IS NULL THEN first_day ELSE -1000000 END,
    ends = max(coalesce(extended_through + 1, -1000000), first_day + min(days, coalesce(
      (SELECT max_days FROM prefixes WHERE domain_id = addresses.domain_id AND name = addresses.prefix), 99)))
  WHERE id = new.id;
END;
CREATE TRIGGER address_extended AFTER UPDATE OF extended_through ON addresses
WHEN old.extended_through IS NOT new.extended_through BEGIN
  UPDATE addresses SET
    begins = CASE WHEN extended_through IS NULL THEN first_day ELSE -1000000 END,
    ends = max(coalesce(extended_through + 1, -1000000), first_day + min(days, coalesce(
      (SELECT max_days FROM prefixes WHERE domain_id = addresses.domain_id AND name = addresses.prefix), 99)))
  WHERE id = new.id;
END;
CREATE TRIGGER prefix_capped AFTER UPDATE OF max_days ON prefixes WHEN old.max_days <> new.max_days BEGIN
  UPDATE addresses SET ends = max(coalesce(extended_through + 1, -1000000), first_day + min(days, new.max_days))
  WHERE prefix = new.name AND domain_id = new.domain_id;
END;
-- The records of a prefix outlive it: while it is gone nothing caps them.
CREATE TRIGGER prefix_came AFTER INSERT ON prefixes BEGIN
  UPDATE addresses SET ends = max(coalesce(extended_through + 1, -1000000), first_day + min(days, new.max_days))
  WHERE prefix = new.name AND domain_id = new.domain_id;
END;
CREATE TRIGGER prefix_went AFTER DELETE ON prefixes BEGIN
  UPDATE addresses SET ends = max(coalesce(extended_through + 1, -1000000), first_day + days)
  WHERE prefix = old.name AND domain_id = old.domain_id;
END;

-- Everything that counts and orders by state needs, so that neither reads the table.
CREATE INDEX addresses_by_state ON addresses (prefix, domain_id, revoked_at, ends, begins);
DROP INDEX addresses_by_prefix;

CREATE INDEX refused_addresses ON addresses (last_refused_at) WHERE last_refused_at IS NOT NULL;

-- ---- who writes to an address ----

CREATE TABLE address_senders (
  address_id INTEGER NOT NULL REFERENCES addresses (id) ON DELETE CASCADE,
  -- Organisational domain; '' for the null sender.
  domain TEXT NOT NULL,
  first_sender TEXT NOT NULL,
  last_sender TEXT NOT NULL,
  accepted INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  last_refused_at INTEGER,
  PRIMARY KEY (address_id, domain)
) STRICT, WITHOUT ROWID;

-- ---- search ----

-- Parts of words, in any case. Without positions it is a quarter of the size; what it finds is looked at again.
CREATE VIRTUAL TABLE address_search USING fts5 (
  site, note, senders, local_part,
  content = 'addresses', content_rowid = 'id', tokenize = 'trigram', detail = 'none', columnsize = 0
);

INSERT INTO address_search (address_search) VALUES ('rebuild');

CREATE TRIGGER address_found AFTER INSERT ON addresses BEGIN
  INSERT INTO address_search (rowid, site, note, senders, local_part)
  VALUES (new.id, new.site, new.note, new.senders, new.local_part);
END;
CREATE TRIGGER address_lost AFTER DELETE ON addresses BEGIN
  INSERT INTO address_search (address_search, rowid, site, note, senders, local_part)
  VALUES ('delete', old.id, old.site, old.note, old.senders, old.local_part);
END;
-- Not at each mail: only a sender of a new organisation changes `senders`.
CREATE TRIGGER address_reworded AFTER UPDATE OF site, note, senders ON addresses
WHEN old.site IS NOT new.site OR old.note IS NOT new.note OR old.senders IS NOT new.senders BEGIN
  INSERT INTO address_search (address_search, rowid, site, note, senders, local_part)
  VALUES ('delete', old.id, old.site, old.note, old.senders, old.local_part);
  INSERT INTO address_search (rowid, site, note, senders, local_part)
  VALUES (new.id, new.site, new.note, new.senders, new.local_part);
END;

-- ---- history of one address ----

CREATE INDEX decisions_by_address ON decisions (domain, local_part) WHERE local_part IS NOT NULL;
