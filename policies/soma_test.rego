package soma_test

import data.soma

tenant := "0198c1f0-0000-7000-8000-000000000001"

other := "0198c1f0-0000-7000-8000-000000000002"

request(method, route, scope, token, resource) := {
	"principal": {"kind": "tenant", "token_id": token, "tenant_id": tenant, "scopes": [scope]},
	"action": {"method": method, "route": route, "scope": scope},
	"resource": object.union({"tenant_id": tenant, "namespaces": ["default"], "by_id": false}, resource),
}

search(token, resource) := request("POST", "/memories/search", "memories:read", token, resource)

store(token, resource) := request("POST", "/memories", "memories:write", token, resource)

test_allows_what_scopes_allow if soma.allow with input as search("a", {})

test_allows_the_operator if {
	soma.allow with input as {"principal": {"kind": "operator", "token_id": "operator", "tenant_id": null, "scopes": []}}
}

test_denies_another_tenant if not soma.allow with input as search("a", {"tenant_id": other})

test_denies_an_empty_input if not soma.allow with input as {}

test_frozen_tenant_reads if {
	soma.allow with input as search("a", {}) with data.frozen_tenants as [tenant]
}

test_frozen_tenant_does_not_write if {
	not soma.allow with input as store("a", {}) with data.frozen_tenants as [tenant]
	soma.allow with input as store("a", {}) with data.frozen_tenants as [other]
}

test_token_keeps_to_its_namespaces if {
	granted := {"a": ["default", "notes"]}
	soma.allow with input as search("a", {}) with data.namespaces_of_token as granted
	soma.allow with input as search("a", {"namespaces": ["default", "notes"]}) with data.namespaces_of_token as granted
	not soma.allow with input as search("a", {"namespaces": ["default", "secret"]}) with data.namespaces_of_token as granted
	not soma.allow with input as search("a", {"namespaces": []}) with data.namespaces_of_token as granted
	not soma.allow with input as search("a", {"by_id": true}) with data.namespaces_of_token as granted
	soma.allow with input as search("b", {"namespaces": ["secret"]}) with data.namespaces_of_token as granted
}

test_robot_does_not_delete if {
	one := request("DELETE", "/memories/{address}", "memories:write", "r", {})
	many := request("POST", "/memories/delete", "memories:write", "r", {})
	not soma.allow with input as one with data.robots as ["r"]
	not soma.allow with input as many with data.robots as ["r"]
	soma.allow with input as one with data.robots as ["s"]
	soma.allow with input as store("r", {}) with data.robots as ["r"]
}
