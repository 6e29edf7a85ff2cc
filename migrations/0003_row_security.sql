-- A second wall between merchants. Reads for a merchant say whose they are (switchyard.merchant_id) and
-- then see no other's rows, even if a statement forgot its predicate. The writer, the jobs and the
-- operator's commands say nothing and see all. Superusers are exempt from row security: run the router
-- as an ordinary role.
CREATE FUNCTION is_visible(owner text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(nullif(current_setting('switchyard.merchant_id', true), ''), owner) = owner $$;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['customers', 'payments', 'attempts', 'refunds', 'events', 'endpoints',
                              'deliveries', 'journal_lines', 'idempotency_keys', 'idempotency_answers'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY of_its_merchant ON %I USING (is_visible(merchant_id))', name);
  END LOOP;
END $$;
