-- An answer kept under an idempotency key holds a memory. The system role deletes old keys, for
-- which it needs to see how old they are, and nothing else of them.
REVOKE SELECT ON idempotency_keys FROM soma_system;
GRANT SELECT (created_at) ON idempotency_keys TO soma_system;
