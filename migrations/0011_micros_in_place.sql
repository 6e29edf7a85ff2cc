-- The body is as immutable as PostgreSQL says it is, so it is put in the place of each call: before, every
-- statement that reads a time prepared this function anew, which was a quarter of what a short one cost.
-- A double holds microseconds exactly until the year 2255.
CREATE OR REPLACE FUNCTION micros(at timestamptz) RETURNS bigint
  LANGUAGE sql STABLE AS $$ SELECT round(date_part('epoch', at) * 1000000)::bigint $$;
