-- A search walks over the addresses: nothing has to be kept for it. This file is frozen: a change is a new file with the
-- next number.

-- The index of trigrams cost four times what the address itself did, at each new address and each new sender; walking
-- over 100,000 addresses takes some 30 ms.
DROP TRIGGER address_found;
DROP TRIGGER address_lost;
DROP TRIGGER address_reworded;
DROP TABLE address_search;
