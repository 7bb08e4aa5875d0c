-- Numbers that tell who edits a domain or a person that somebody else changed it meanwhile, as prefixes have them. This
-- file is frozen: a change is a new file with the next number.

ALTER TABLE domains ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE people ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
