/**
 * What a policy decides by, exactly as it gets it. Names and addresses only: never a word of a
 * payload, a query or a token's secret.
 */
export interface PolicyInput {
  readonly principal: {
    readonly kind: 'operator' | 'tenant';
    readonly token_id: string;
    /** Null for the operator. */
    readonly tenant_id: string | null;
    /** Sorted; none for the operator, who is asked for none. */
    readonly scopes: readonly string[];
  };
  readonly action: {
    readonly method: string;
    /** As the OpenAPI document writes it: `/memories/{address}`. */
    readonly route: string;
    /** What the route asks of a tenant's token; `operator` where it is open to the operator alone. */
    readonly scope: string;
  };
  readonly resource: {
    /** Whose data: the principal's own tenant, or the one an admin route names; null for all. */
    readonly tenant_id: string | null;
    /** Every namespace the request names, sorted; with `default` where one is left out. */
    readonly namespaces: readonly string[];
    /** Memories are named by id, in whatever namespace they are. */
    readonly by_id: boolean;
  };
}
