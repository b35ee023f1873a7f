# What SomaFractalMemory asks: data.soma.allow, with the input of docs/policies.md. The token's scopes allow
# the request already; this says what else has to hold. Nothing is allowed that no rule allows.
package soma

default allow := false

# Administration by the operator and by tenants' own admins is left to scopes.
allow if input.principal.kind == "operator"

allow if {
	input.principal.kind == "tenant"
	own_tenant
	not frozen
	namespaces_allowed
	not deletion_kept_from_robots
}

# Defence in depth: a tenant's token never reaches past its own tenant.
own_tenant if input.resource.tenant_id == input.principal.tenant_id

# Tenants that are frozen may read and not write.
frozen if {
	data.frozen_tenants[_] == input.principal.tenant_id
	endswith(input.action.scope, ":write")
}

# A token that is listed in data.namespaces_of_token reads and writes these namespaces only. What is named
# by id may be in any namespace, and what names none may mean all: neither is for such a token.
namespaces_allowed if not data.namespaces_of_token[input.principal.token_id]

namespaces_allowed if {
	granted := data.namespaces_of_token[input.principal.token_id]
	not input.resource.by_id
	count(input.resource.namespaces) > 0
	every namespace in input.resource.namespaces {
		namespace in granted
	}
}

# Tokens listed in data.robots do not delete.
deletion_kept_from_robots if {
	input.principal.token_id in data.robots
	deletes
}

deletes if input.action.method == "DELETE"

deletes if input.action.route == "/memories/delete"
