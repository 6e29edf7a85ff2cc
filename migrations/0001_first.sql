-- The first schema. Names are those of the C++ types and of the API: one spelling.
-- Constraints refuse what we must never start (two live charges of one payment, refunds above what
-- was received) and never what a provider reports.

CREATE FUNCTION micros(at timestamptz) RETURNS bigint
  LANGUAGE sql IMMUTABLE AS $$ SELECT (extract(epoch FROM at) * 1000000)::bigint $$;

CREATE TABLE merchants (
  id            text PRIMARY KEY,
  name          text NOT NULL,
  return_hosts  text[] NOT NULL DEFAULT '{}',
  created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_keys (
  id            text PRIMARY KEY,
  merchant_id   text NOT NULL REFERENCES merchants,
  mode          text NOT NULL CHECK (mode IN ('test', 'live')),
  kind          text NOT NULL CHECK (kind IN ('secret', 'publishable')),
  hash          text NOT NULL UNIQUE,  -- SHA-256 of the key, in hex: the key itself is shown once
  hint          text NOT NULL,         -- its last four characters
  created_at    timestamptz NOT NULL DEFAULT now(),
  last_used_at  timestamptz,
  revoked_at    timestamptz
);

CREATE TABLE customers (
  id            text PRIMARY KEY,
  merchant_id   text NOT NULL REFERENCES merchants,
  mode          text NOT NULL CHECK (mode IN ('test', 'live')),
  external_id   text,
  email         text NOT NULL DEFAULT '',
  name          text NOT NULL DEFAULT '',
  phone         text NOT NULL DEFAULT '',
  metadata      jsonb NOT NULL DEFAULT '{}',
  is_deleted    boolean NOT NULL DEFAULT false,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX customers_external_id ON customers (merchant_id, mode, external_id) WHERE NOT is_deleted;

CREATE TABLE payments (
  id                 text PRIMARY KEY,
  merchant_id        text NOT NULL REFERENCES merchants,
  mode               text NOT NULL CHECK (mode IN ('test', 'live')),
  status             text NOT NULL CHECK (status IN ('requires_payment_method', 'processing',
                       'requires_action', 'requires_capture', 'succeeded', 'failed', 'canceled', 'expired')),
  amount             bigint NOT NULL CHECK (amount > 0),
  currency           text NOT NULL,
  amount_capturable  bigint NOT NULL DEFAULT 0 CHECK (amount_capturable >= 0),
  amount_received    bigint NOT NULL DEFAULT 0 CHECK (amount_received >= 0),
  amount_refunded    bigint NOT NULL DEFAULT 0 CHECK (amount_refunded >= 0),
  capture_method     text NOT NULL CHECK (capture_method IN ('automatic', 'manual')),
  method             text,             -- the rail
  method_details     jsonb,            -- network, phone_number, kind, token_account
  sealed_token       text,             -- a card token, encrypted
  external_id        text,
  description        text NOT NULL DEFAULT '',
  customer_id        text REFERENCES customers,
  country            text NOT NULL DEFAULT '',
  return_url         text NOT NULL DEFAULT '',
  metadata           jsonb NOT NULL DEFAULT '{}',
  next_action        jsonb,
  last_error         jsonb,
  late               boolean NOT NULL DEFAULT false,
  cancel_requested   boolean NOT NULL DEFAULT false,
  expiry_requested   boolean NOT NULL DEFAULT false,
  review             text CHECK (review IN ('amount_mismatch', 'outcome_unknown')),
  route              jsonb NOT NULL DEFAULT '[]',
  rules_version      text NOT NULL DEFAULT '',
  confirmation       int NOT NULL DEFAULT 0,
  sequence           int NOT NULL DEFAULT 0,
  previous_event     text NOT NULL DEFAULT '',
  created_at         timestamptz NOT NULL,
  updated_at         timestamptz NOT NULL,
  expires_at         timestamptz NOT NULL,
  finished_at        timestamptz,
  -- The echo of the table of changes: final statuses are finished, the others are not.
  CHECK ((status IN ('succeeded', 'canceled', 'expired')) = (finished_at IS NOT NULL))
);
CREATE UNIQUE INDEX payments_external_id ON payments (merchant_id, mode, external_id);
CREATE INDEX payments_list ON payments (merchant_id, mode, id DESC);
CREATE INDEX payments_customer ON payments (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX payments_expiry ON payments (expires_at)
  WHERE status IN ('requires_payment_method', 'requires_action', 'failed') AND NOT expiry_requested;

CREATE TABLE attempts (
  id                        text PRIMARY KEY,
  payment_id                text NOT NULL REFERENCES payments,
  merchant_id               text NOT NULL,
  mode                      text NOT NULL CHECK (mode IN ('test', 'live')),
  number                    int NOT NULL,
  operation                 text NOT NULL CHECK (operation IN ('charge', 'capture', 'cancel', 'refund')),
  account                   text NOT NULL,
  status                    text NOT NULL CHECK (status IN ('sending', 'unknown', 'requires_action',
                              'authorized', 'closing', 'captured', 'not_sent', 'refused', 'canceled', 'expired')),
  amount                    bigint NOT NULL CHECK (amount > 0),
  currency                  text NOT NULL,
  charge_attempt_id         text,
  refund_id                 text,
  provider_reference        text NOT NULL DEFAULT '',
  sealed_memory             text,
  next_action               jsonb,
  decline_code              text NOT NULL DEFAULT '',
  provider_code             text NOT NULL DEFAULT '',
  provider_message          text NOT NULL DEFAULT '',
  closing_to                text NOT NULL DEFAULT 'refused',
  amount_received           bigint NOT NULL DEFAULT 0 CHECK (amount_received >= 0),
  amount_refunding          bigint NOT NULL DEFAULT 0 CHECK (amount_refunding >= 0),
  amount_refunded_elsewhere bigint NOT NULL DEFAULT 0 CHECK (amount_refunded_elsewhere >= 0),
  late                      boolean NOT NULL DEFAULT false,
  rule                      text NOT NULL DEFAULT '',
  reason                    text NOT NULL DEFAULT '',
  rank                      int NOT NULL DEFAULT 1,
  rules_version             text NOT NULL DEFAULT '',
  confirmation              int NOT NULL DEFAULT 1,
  lookups                   int NOT NULL DEFAULT 0,
  unknown_since             timestamptz,
  created_at                timestamptz NOT NULL,
  updated_at                timestamptz NOT NULL,
  UNIQUE (payment_id, number),
  -- What we ask back never exceeds what this charge brought; what a provider reports on top of it
  -- has a column of its own.
  CHECK (operation <> 'charge' OR amount_refunding <= amount_received)
);
-- One live charge per payment: the wall behind every rule about doubt.
CREATE UNIQUE INDEX attempts_one_live_charge ON attempts (payment_id)
  WHERE operation = 'charge' AND NOT late
    AND status IN ('sending', 'unknown', 'requires_action', 'authorized', 'closing', 'captured');
CREATE UNIQUE INDEX attempts_one_live_capture ON attempts (payment_id)
  WHERE operation = 'capture' AND status IN ('sending', 'unknown', 'captured');
CREATE INDEX attempts_provider_reference ON attempts (account, provider_reference)
  WHERE provider_reference <> '';

-- The echo of the table of attempt changes in src/domain/attempt.cpp.
CREATE FUNCTION refuse_attempt_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = NEW.status THEN RETURN NEW; END IF;
  IF OLD.status = 'sending' THEN RETURN NEW; END IF;
  IF OLD.status = 'unknown' AND NEW.status NOT IN ('sending', 'not_sent') THEN RETURN NEW; END IF;
  IF OLD.status = 'requires_action' AND NEW.status NOT IN ('sending', 'unknown', 'not_sent') THEN RETURN NEW; END IF;
  IF OLD.status = 'authorized' AND NEW.status IN ('captured', 'closing', 'canceled', 'expired') THEN RETURN NEW; END IF;
  IF OLD.status = 'closing' AND NEW.status IN ('captured', 'refused', 'canceled', 'expired') THEN RETURN NEW; END IF;
  IF OLD.status IN ('not_sent', 'refused', 'canceled', 'expired')
     AND NEW.status IN ('captured', 'authorized', 'closing') AND NEW.late THEN RETURN NEW; END IF;
  IF OLD.operation = 'refund' AND OLD.status = 'captured' AND NEW.status = 'refused' THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'attempt % may not go from % to %', OLD.id, OLD.status, NEW.status;
END $$;
CREATE TRIGGER attempts_change BEFORE UPDATE OF status ON attempts
  FOR EACH ROW EXECUTE FUNCTION refuse_attempt_change();

CREATE TABLE steps (
  id              text PRIMARY KEY,
  attempt_id      text NOT NULL REFERENCES attempts,
  payment_id      text NOT NULL,
  number          int NOT NULL,
  name            text NOT NULL,
  provider_key    text NOT NULL UNIQUE,
  sealed_request  text NOT NULL,
  moves_money     boolean NOT NULL,
  is_answered     boolean NOT NULL DEFAULT false,
  http_status     int NOT NULL DEFAULT 0,
  sends           int NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL,
  dedup_until     timestamptz NOT NULL,
  UNIQUE (attempt_id, number)
);

CREATE TABLE refunds (
  id                  text PRIMARY KEY,
  payment_id          text NOT NULL REFERENCES payments,
  merchant_id         text NOT NULL,
  mode                text NOT NULL CHECK (mode IN ('test', 'live')),
  charge_attempt_id   text NOT NULL REFERENCES attempts,
  status              text NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed', 'canceled')),
  amount              bigint NOT NULL CHECK (amount > 0),
  currency            text NOT NULL,
  reason              text NOT NULL,
  description         text NOT NULL DEFAULT '',
  external_id         text,
  metadata            jsonb NOT NULL DEFAULT '{}',
  account             text NOT NULL,
  provider_reference  text NOT NULL DEFAULT '',
  decline_code        text NOT NULL DEFAULT '',
  is_automatic        boolean NOT NULL DEFAULT false,
  made_elsewhere      boolean NOT NULL DEFAULT false,
  is_queued           boolean NOT NULL DEFAULT false,
  created_at          timestamptz NOT NULL,
  updated_at          timestamptz NOT NULL,
  finished_at         timestamptz,
  CHECK ((status <> 'pending') = (finished_at IS NOT NULL))
);
CREATE UNIQUE INDEX refunds_external_id ON refunds (merchant_id, mode, external_id);
CREATE INDEX refunds_list ON refunds (merchant_id, mode, id DESC);
CREATE INDEX refunds_payment ON refunds (payment_id);

-- Every money fact, twice: once for where it came from and once for where it went. Append only.
CREATE TABLE journal_lines (
  id           text PRIMARY KEY,
  entry        text NOT NULL,    -- the lines of one entry sum to zero
  merchant_id  text NOT NULL,
  mode         text NOT NULL,
  payment_id   text NOT NULL,
  attempt_id   text NOT NULL,
  book         text NOT NULL,    -- 'provider:stripe_us' or 'merchant:mer_…'
  what         text NOT NULL,    -- captured, refunded, refund_returned
  amount       bigint NOT NULL,  -- above zero: the book gains
  currency     text NOT NULL,
  created_at   timestamptz NOT NULL
);
CREATE INDEX journal_payment ON journal_lines (payment_id);
CREATE FUNCTION refuse_journal_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'journal lines are never changed: write another entry'; END $$;
CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE ON journal_lines
  FOR EACH ROW EXECUTE FUNCTION refuse_journal_change();

-- What a provider said that does not fit: kept, shown, counted, never applied and never dropped.
CREATE TABLE anomalies (
  id           text PRIMARY KEY,
  merchant_id  text NOT NULL DEFAULT '',
  payment_id   text NOT NULL DEFAULT '',
  attempt_id   text NOT NULL DEFAULT '',
  account      text NOT NULL,
  what         text NOT NULL,
  details      jsonb NOT NULL DEFAULT '{}',
  created_at   timestamptz NOT NULL
);
CREATE INDEX anomalies_payment ON anomalies (payment_id);

-- Attempts that somebody has to look after, and who does. A holder keeps its lease by heartbeats;
-- when it is gone, lease_until passes and another router takes over. The database's clock decides.
CREATE TABLE leases (
  attempt_id   text PRIMARY KEY REFERENCES attempts,
  payment_id   text NOT NULL,
  account      text NOT NULL,
  due_at       timestamptz NOT NULL,
  lease_until  timestamptz NOT NULL,
  lease_token  bigint NOT NULL DEFAULT 0
);
CREATE INDEX leases_due ON leases (due_at);

-- Never partitioned and never pruned: a key that was used never runs again.
CREATE TABLE idempotency_keys (
  merchant_id   text NOT NULL,
  mode          text NOT NULL,
  key_hash      text NOT NULL,   -- SHA-256 of scope and key
  fingerprint   text NOT NULL,
  object_id     text NOT NULL DEFAULT '',
  state         text NOT NULL CHECK (state IN ('running', 'finished')),
  lease_until   timestamptz NOT NULL,
  lease_token   bigint NOT NULL DEFAULT 1,
  request_id    text NOT NULL,
  created_at    timestamptz NOT NULL,
  finished_at   timestamptz,
  PRIMARY KEY (merchant_id, mode, key_hash)
);
CREATE TABLE idempotency_answers (
  merchant_id   text NOT NULL,
  mode          text NOT NULL,
  key_hash      text NOT NULL,
  created_on    date NOT NULL,
  status        int NOT NULL,
  content_type  text NOT NULL,
  headers       jsonb NOT NULL,
  sealed_body   text NOT NULL,
  PRIMARY KEY (merchant_id, mode, key_hash, created_on)
) PARTITION BY RANGE (created_on);
CREATE TABLE idempotency_answers_other PARTITION OF idempotency_answers DEFAULT;

CREATE TABLE event_counters (
  merchant_id  text NOT NULL,
  mode         text NOT NULL,
  position     bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (merchant_id, mode)
);
CREATE TABLE events (
  id           text PRIMARY KEY,
  merchant_id  text NOT NULL,
  mode         text NOT NULL,
  position     bigint NOT NULL,
  type         text NOT NULL,
  payment_id   text,
  sequence     int,
  body         text NOT NULL,  -- the bytes that are signed, pushed and pulled: never written again
  created_at   timestamptz NOT NULL,
  UNIQUE (merchant_id, mode, position),
  UNIQUE (payment_id, sequence)
);

CREATE TABLE endpoints (
  id                   text PRIMARY KEY,
  merchant_id          text NOT NULL REFERENCES merchants,
  mode                 text NOT NULL CHECK (mode IN ('test', 'live')),
  url                  text NOT NULL,
  enabled_events       text[] NOT NULL,
  description          text NOT NULL DEFAULT '',
  ordering             text NOT NULL DEFAULT 'per_payment' CHECK (ordering IN ('per_payment', 'none')),
  sealed_secret        text NOT NULL,
  status               text NOT NULL DEFAULT 'enabled' CHECK (status IN ('enabled', 'disabled')),
  disabled_reason      text NOT NULL DEFAULT '',
  is_deleted           boolean NOT NULL DEFAULT false,
  created_at           timestamptz NOT NULL,
  updated_at           timestamptz NOT NULL
);
CREATE INDEX endpoints_merchant ON endpoints (merchant_id, mode) WHERE NOT is_deleted;

CREATE TABLE deliveries (
  id            text PRIMARY KEY,
  event_id      text NOT NULL REFERENCES events,
  endpoint_id   text NOT NULL REFERENCES endpoints,
  merchant_id   text NOT NULL,
  mode          text NOT NULL,
  payment_id    text,
  status        text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'succeeded', 'failed')),
  tries         int NOT NULL DEFAULT 0,
  due_at        timestamptz NOT NULL DEFAULT now(),
  lease_until   timestamptz NOT NULL DEFAULT '-infinity',
  lease_token   bigint NOT NULL DEFAULT 0,
  created_at    timestamptz NOT NULL DEFAULT now(),
  finished_at   timestamptz
);
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE status = 'pending';
CREATE INDEX deliveries_endpoint ON deliveries (endpoint_id, id DESC);

CREATE TABLE delivery_tries (
  id           text PRIMARY KEY,
  delivery_id  text NOT NULL REFERENCES deliveries,
  number       int NOT NULL,
  url          text NOT NULL,
  address      text NOT NULL DEFAULT '',
  status       int NOT NULL DEFAULT 0,  -- 0: no answer
  problem      text NOT NULL DEFAULT '',
  answer       text NOT NULL DEFAULT '',  -- the first 4 KiB
  took_ms      bigint NOT NULL,
  created_at   timestamptz NOT NULL
);
CREATE INDEX delivery_tries_delivery ON delivery_tries (delivery_id);

-- Webhooks as they came, committed before they are answered. Only verified ones are unique by the
-- provider's event id: a forged message can never shadow the true one.
CREATE TABLE provider_webhooks (
  id                 text PRIMARY KEY,
  account            text NOT NULL,
  proof              text NOT NULL CHECK (proof IN ('verified', 'unproven', 'rejected')),
  provider_event_id  text NOT NULL DEFAULT '',
  method             text NOT NULL,
  path               text NOT NULL,
  headers            jsonb NOT NULL,
  body               bytea NOT NULL,
  sha256             text NOT NULL,
  peer               text NOT NULL DEFAULT '',
  state              text NOT NULL CHECK (state IN ('waiting', 'done', 'parked', 'quarantined')),
  tries              int NOT NULL DEFAULT 0,
  outcome            text NOT NULL DEFAULT '',
  due_at             timestamptz NOT NULL DEFAULT now(),
  lease_until        timestamptz NOT NULL DEFAULT '-infinity',
  received_at        timestamptz NOT NULL,
  done_at            timestamptz
);
CREATE UNIQUE INDEX provider_webhooks_event ON provider_webhooks (account, provider_event_id)
  WHERE proof = 'verified' AND provider_event_id <> '';
CREATE INDEX provider_webhooks_quarantined ON provider_webhooks (peer, received_at) WHERE proof = 'rejected';
CREATE INDEX provider_webhooks_due ON provider_webhooks (due_at) WHERE state IN ('waiting', 'parked');

-- A bank transfer is counted once.
CREATE TABLE bank_references (
  account      text NOT NULL,
  mode         text NOT NULL,
  reference    text NOT NULL,
  payment_id   text NOT NULL REFERENCES payments,
  amount       bigint NOT NULL,
  received_at  timestamptz NOT NULL,
  created_at   timestamptz NOT NULL,
  PRIMARY KEY (account, mode, reference)
);

-- Codes that a provider sent and our tables do not hold.
CREATE TABLE unmapped_codes (
  account   text NOT NULL,
  code      text NOT NULL,
  count     bigint NOT NULL DEFAULT 1,
  last_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account, code)
);
