# The rules of the workload, over tables: `data.nodes` (what main.rs makes of policy.json) and `data.sessions` (what is done, which values are clean).
package perf

import rego.v1

default allow := false

allow if {
	node := data.nodes[input.call.node]
	session := data.sessions[input.call.session]
	node.tool == input.call.tool
	input.bytes <= node.maxBytes
	every each in node.after { session.done[each] }
	every arg in node.noTaint { session.clean[input.call.prov[arg]] }
	count(input.call.args) == count(node.args)
	every name, spec in node.args { fits(input.call.args[name], spec) }
}

fits(value, spec) if element(value, spec)

fits(value, spec) if {
	spec.kind == "list"
	is_array(value)
	count(value) <= spec.max
	every item in value { element(item, spec.items) }
}

element(value, spec) if spec.values[value]

element(value, spec) if {
	spec.kind == "number"
	is_number(value)
	value >= spec.min
	value <= spec.max
}

element(value, spec) if {
	spec.kind == "integer"
	is_number(value)
	floor(value) == value
	value >= spec.min
	value <= spec.max
}

element(value, spec) if {
	spec.kind == "text"
	is_string(value)
	count(value) <= spec.max
}

element(value, spec) if {
	spec.kind == "pattern"
	is_string(value)
	count(value) <= spec.max
	regex.match(spec.pattern, value)
}
