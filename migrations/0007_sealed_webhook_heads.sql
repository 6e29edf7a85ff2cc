-- Headers and paths of webhooks may hold what proves them (a token that is always the same), so they are
-- kept sealed like every other secret. Before this there was no release whose messages could wait here.
ALTER TABLE provider_webhooks DROP COLUMN headers, DROP COLUMN path,
  ADD COLUMN sealed_head text NOT NULL DEFAULT '';
