import { existsSync, readFileSync } from "node:fs";
import { expect } from "chai";

const test = new URL("../../", import.meta.url);
const text = readFileSync(new URL("../docs/libzmq-tests.md", test), "utf8");

/** Rows of all tables: a test of libzmq, what it tries, its counterparts. */
const rows = text
	.split("\n")
	.filter((line) => line.startsWith("| test_"))
	.map((line) =>
		line
			.slice(2, -2)
			.split(" | ")
			.map((cell) => cell.trim()),
	);

/** libzmq's tests of what exists here, of which none may be missing. */
const required = `
	security_null security_plain security_curve security_zap security_no_zap_handler
	bind_fuzzer connect_fuzzer bind_null_fuzzer bind_curve_fuzzer connect_null_fuzzer connect_curve_fuzzer bind_ws_fuzzer
	connect_ws_fuzzer
	mock_pub_sub heartbeats metadata app_meta stream_exceeds_buffer xpub_topic issue_566 invalid_rep hello_msg
	spec_req spec_rep spec_dealer spec_router spec_pushpull req_correlate req_relaxed reqrep_inproc reqrep_ipc reqrep_tcp
	reqrep_device router_mandatory router_mandatory_hwm router_handover router_notify probe_router connect_rid
	pubsub pub_invert_matching pubsub_topics_count sub_forward xpub_manual xpub_nodrop xpub_verbose xpub_welcome_msg
	xsub_verbose pair_inproc pair_ipc pair_tcp
	hwm hwm_pubsub sockopt_hwm conflate immediate timeo many_sockets system msg_flags
	ctx_destroy ctx_options shutdown_stress reconnect_ivl reconnect_options term_endpoint disconnect_inproc inproc_connect
	bind_after_connect_tcp rebind_ipc ipc_wildcard unbind_wildcard last_endpoint abstract_ipc connect_resolve monitor
	proxy proxy_single_socket proxy_terminate proxy_hwm ws_transport wss_transport
`
	.trim()
	.split(/\s+/)
	.map((name) => `test_${name}`);

describe("docs/libzmq-tests.md", () => {
	it("misses none of libzmq's tests of what exists here, and names none twice", () => {
		const names = rows.map(([name]) => name);
		expect(names).include.members(required);
		expect(new Set(names).size).equal(names.length);
	});

	it("names counterparts that exist", () => {
		const wrong = rows.flatMap(([name, , counterparts]) =>
			counterparts!
				.split("<br>")
				.filter((counterpart) => !exists(counterpart))
				.map((counterpart) => `${name}: ${counterpart}`),
		);
		expect(wrong).deep.equal([]);
	});
});

/** Whether the file is there and holds the title. */
function exists(counterpart: string): boolean {
	const [, path, title] = /^`([\w/.-]+\.test\.ts)`: (\S.*)$/.exec(counterpart) ?? [];
	if (path === undefined || title === undefined) return false;
	const file = new URL(path, test);
	return existsSync(file) && readFileSync(file, "utf8").includes(title);
}
