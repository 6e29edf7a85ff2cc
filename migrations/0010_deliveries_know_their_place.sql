-- Each delivery carries its event's place in its payment, so that a claim finds what goes first without
-- reading events: every row that waits behind another one is asked about at each claim.
ALTER TABLE deliveries ADD COLUMN sequence int;
UPDATE deliveries d SET sequence = v.sequence FROM events v WHERE v.id = d.event_id;
