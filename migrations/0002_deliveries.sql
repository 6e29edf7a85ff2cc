-- What claiming deliveries needs. A claim walks from endpoint to endpoint, so that the backlog of one
-- that is disabled, resting or dead costs the others nothing; this index replaces the one by time.
CREATE INDEX deliveries_claim ON deliveries (endpoint_id, due_at) WHERE status = 'pending';
DROP INDEX deliveries_due;
-- What else goes to the same endpoint about the same payment, for order; and the payment's timeline.
CREATE INDEX deliveries_payment ON deliveries (payment_id) WHERE payment_id IS NOT NULL;
-- What was given up, for the age of the oldest undelivered event and for the console.
CREATE INDEX deliveries_failed ON deliveries (created_at) WHERE status = 'failed';

-- An endpoint that throttles us (429, 502, 504) is left alone until then, by every router.
ALTER TABLE endpoints ADD COLUMN resume_at timestamptz NOT NULL DEFAULT '-infinity';

-- Each delivery is updated twice within moments: room for the first update in its page, and dead
-- rows removed early, so that the scan for due rows stays short.
ALTER TABLE deliveries SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE deliveries ADD CHECK ((status = 'pending') = (finished_at IS NULL));
