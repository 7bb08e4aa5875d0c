-- Orders in which addresses are walked page by page, without sorting all of them. This file is frozen: a change is a new
-- file with the next number.

CREATE INDEX addresses_by_end ON addresses (ends, begins) WHERE revoked_at IS NULL;
CREATE INDEX addresses_by_beginning ON addresses (begins) WHERE revoked_at IS NULL;
CREATE INDEX revoked_addresses ON addresses (ends) WHERE revoked_at IS NOT NULL;
