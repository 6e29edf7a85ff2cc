-- A payment that turns out to exist must leave its customer as it was, so payments are inserted first
-- and the customers of those that were let in follow in the same transaction.
ALTER TABLE payments ALTER CONSTRAINT payments_customer_id_fkey DEFERRABLE INITIALLY DEFERRED;
