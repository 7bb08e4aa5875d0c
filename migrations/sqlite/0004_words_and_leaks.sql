-- What a search looks through and which addresses leaked, kept beside the state, so that one walk over one index
-- answers. Times are milliseconds since 1970-01-01T00:00Z, days are days since 1970-01-01. This file is frozen: a change
-- is a new file with the next number.

-- ---- words: all that a search looks through ----

-- Trigrams cost four times what the address itself did, at each new address and each new sender. Walking over the words
-- of 100,000 addresses takes some 20 ms.
DROP TRIGGER address_found;
DROP TRIGGER address_lost;
DROP TRIGGER address_reworded;
DROP TABLE address_search;

ALTER TABLE addresses ADD COLUMN words TEXT NOT NULL DEFAULT '';

UPDATE addresses SET words = site || char(10) || note || char(10) || senders || char(10) || local_part;

-- Days and words of a new address, in one UPDATE: each puts it into its indexes once more.
DROP TRIGGER address_dated;
CREATE TRIGGER address_dated AFTER INSERT ON addresses BEGIN
  UPDATE addresses SET (first_day, days, begins, ends, words) = (
    SELECT issued, lifetime,
      -- An extended address works at once, even before its own date.
      CASE WHEN new.extended_through IS NULL THEN issued ELSE -1000000 END,
      max(coalesce(new.extended_through + 1, -1000000), issued + min(lifetime, coalesce(
        (SELECT max_days FROM prefixes WHERE domain_id = new.domain_id AND name = new.prefix), 99))),
      new.site || char(10) || new.note || char(10) || new.senders || char(10) || new.local_part
    FROM (SELECT
      coalesce(CAST(julianday(
        substr(new.local_part, length(new.prefix) + 1, 4) || '-' ||
        substr(new.local_part, length(new.prefix) + 5, 2) || '-' ||
        substr(new.local_part, length(new.prefix) + 7, 2)) - 2440587.5 AS INTEGER), 0) AS issued,
      CAST(substr(new.local_part, length(new.prefix) + 9, 2) AS INTEGER) AS lifetime))
  WHERE id = new.id;
END;
-- Not at each mail: only a sender of a new organisation changes `senders`.
CREATE TRIGGER address_reworded AFTER UPDATE OF site, note, senders ON addresses
WHEN old.site IS NOT new.site OR old.note IS NOT new.note OR old.senders IS NOT new.senders BEGIN
  UPDATE addresses SET words = new.site || char(10) || new.note || char(10) || new.senders || char(10) || new.local_part
  WHERE id = new.id;
END;

-- ---- leaks: mail from another organisation than the site's ----

-- 1 once an organisation wrote whose domain the site does not lie in. Bounces have no sender and prove nothing.
ALTER TABLE addresses ADD COLUMN leaked INTEGER NOT NULL DEFAULT 0;

UPDATE addresses SET leaked = 1 WHERE site <> '' AND EXISTS (
  SELECT 1 FROM address_senders WHERE address_id = addresses.id AND domain <> '' AND domain <> site
    AND substr(site, -length(domain) - 1) <> '.' || domain);

CREATE TRIGGER sender_came AFTER INSERT ON address_senders WHEN new.domain <> '' BEGIN
  UPDATE addresses SET leaked = 1
  WHERE id = new.address_id AND leaked = 0 AND site <> '' AND site <> new.domain
    AND substr(site, -length(new.domain) - 1) <> '.' || new.domain;
END;
CREATE TRIGGER address_moved AFTER UPDATE OF site ON addresses WHEN old.site IS NOT new.site BEGIN
  UPDATE addresses SET leaked = new.site <> '' AND EXISTS (
    SELECT 1 FROM address_senders WHERE address_id = new.id AND domain <> '' AND domain <> new.site
      AND substr(new.site, -length(domain) - 1) <> '.' || domain)
  WHERE id = new.id;
END;

-- ---- indexes ----

-- Everything that counts, orders by state and searches needs, so that none of them reads the table.
CREATE INDEX addresses_by_words ON addresses (prefix, domain_id, revoked_at, ends, begins, leaked, words);
DROP INDEX addresses_by_state;

CREATE INDEX leaked_addresses ON addresses (ends) WHERE leaked = 1;

-- The same for those who still try.
DROP INDEX refused_addresses;
CREATE INDEX refused_addresses ON addresses (last_refused_at, revoked_at, ends, prefix, domain_id)
WHERE last_refused_at IS NOT NULL;
