-- One row for each transaction that matters, written by its last statement. When a connection is lost
-- during COMMIT, somebody else writes the same row as void: if it is there already, the transaction was
-- committed; if not, it now never can be. PostgreSQL's own transaction numbers cannot tell, because
-- those that were not flushed are given again after a crash.
CREATE TABLE commits (
  id       text PRIMARY KEY,
  is_void  boolean NOT NULL DEFAULT false,
  made_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX commits_made_at ON commits (made_at);
