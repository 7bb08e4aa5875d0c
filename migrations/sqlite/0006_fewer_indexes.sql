-- Decisions of a prefix are found by walking back from the newest, as those of a domain are: 100,000 take some 30 ms. The
-- index that made it quicker was written at each mail, in no order, and took more time than all else that mail leaves
-- behind. This file is frozen: a change is a new file with the next number.

DROP INDEX decisions_by_prefix;
