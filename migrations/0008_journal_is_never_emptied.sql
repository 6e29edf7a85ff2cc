-- TRUNCATE fires no trigger for rows: the journal refuses it as it refuses UPDATE and DELETE.
CREATE TRIGGER journal_is_never_emptied BEFORE TRUNCATE ON journal_lines
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_journal_change();
