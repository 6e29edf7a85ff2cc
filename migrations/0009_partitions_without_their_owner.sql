-- Days of kept answers come and go while the router runs, and only their owner may make and drop
-- tables. The owner lends it these two deeds and no others, so that the router can be a role that owns
-- nothing (`switchyard migrate --grant-to`).
CREATE FUNCTION turn_answer_partitions() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE day date; name text;
BEGIN
  PERFORM pg_advisory_xact_lock(7301);
  -- Rows that fell into the catch-all before their day had a partition stay there until they are
  -- old, so a day is only made while the catch-all holds none of it.
  FOR day IN SELECT current_date + n FROM generate_series(1, 3) AS n LOOP
    name := 'idempotency_answers_' || to_char(day, 'YYYYMMDD');
    IF to_regclass(name) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF idempotency_answers FOR VALUES FROM (%L) TO (%L)',
                     name, day, day + 1);
    END IF;
  END LOOP;
  FOR name IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
              WHERE i.inhparent = 'idempotency_answers'::regclass
                AND c.relname ~ '^idempotency_answers_[0-9]{8}$'
                AND right(c.relname, 8) < to_char(current_date - 31, 'YYYYMMDD') LOOP
    EXECUTE format('DROP TABLE %I', name);
  END LOOP;
  DELETE FROM idempotency_answers_other WHERE created_on < current_date - 31;
END $$;
-- Whoever calls it chooses no names for it: ours stand in this schema, and temporary ones come last.
DO $$ BEGIN
  EXECUTE format('ALTER FUNCTION turn_answer_partitions() SET search_path = %I, pg_temp', current_schema());
END $$;
REVOKE EXECUTE ON FUNCTION turn_answer_partitions() FROM PUBLIC;
