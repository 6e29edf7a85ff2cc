-- The payer has acted at the provider's page, and our next call follows: an attempt that waited for the
-- payer is on its way once more. Nothing else about the changes is new.
CREATE OR REPLACE FUNCTION refuse_attempt_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = NEW.status THEN RETURN NEW; END IF;
  IF OLD.status = 'sending' THEN RETURN NEW; END IF;
  IF OLD.status = 'unknown' AND NEW.status NOT IN ('sending', 'not_sent') THEN RETURN NEW; END IF;
  IF OLD.status = 'requires_action' AND NEW.status NOT IN ('unknown', 'not_sent') THEN RETURN NEW; END IF;
  IF OLD.status = 'authorized' AND NEW.status IN ('captured', 'closing', 'canceled', 'expired') THEN RETURN NEW; END IF;
  IF OLD.status = 'closing' AND NEW.status IN ('captured', 'refused', 'canceled', 'expired') THEN RETURN NEW; END IF;
  IF OLD.status IN ('not_sent', 'refused', 'canceled', 'expired')
     AND NEW.status IN ('captured', 'authorized', 'closing') AND NEW.late THEN RETURN NEW; END IF;
  IF OLD.operation = 'refund' AND OLD.status = 'captured' AND NEW.status = 'refused' THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'attempt % may not go from % to %', OLD.id, OLD.status, NEW.status;
END $$;
