/** Added to every fencing token by a restore: more leases than any name sees between two backups. */
const FENCING_LEAP = 4_294_967_296;

/**
 * What a restored database must not remember. The index may be empty, older or newer than the data: so
 * every vector is queued for it, and until it is there counts as fresh, which search reads from here.
 * The last comparison was of other data, so the next one is due at once. No lease outlives a restore, and no fencing token given after
 * the backup is given again.
 */
export const MARK_RESTORED = `
UPDATE embeddings SET indexed_at = 'infinity';
DELETE FROM index_outbox WHERE operation = 'insert';
UPDATE index_outbox SET attempts = 0, available_at = now(), parked_at = NULL;
INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
SELECT tenant_id, 'insert', entry_id, model FROM embeddings WHERE NOT superseded;
DELETE FROM reconcile_report;
UPDATE reconcile_turn SET holder = NULL, expires_at = '-infinity', finished_at = '-infinity';
UPDATE locks SET fencing_token = fencing_token + ${FENCING_LEAP},
  lease_hash = NULL, owner = NULL, expires_at = NULL;`;

/** Fails when a table does not have the rows that the backup counted. */
export function expectRows(rows: Readonly<Record<string, number>>): string {
  const checks = Object.entries(rows).map(
    ([table, expected]) => `
  SELECT count(*) INTO found FROM public."${table}";
  IF found <> ${expected} THEN
    RAISE EXCEPTION 'table ${table} has % rows after the restore, and the backup counted ${expected}', found;
  END IF;`,
  );
  return `DO $$ DECLARE found bigint; BEGIN ${checks.join('')} END $$;`;
}
