/**
 * Every option of every socket: the one place that types, checks, properties and docs/socket-options.md come from. The
 * comment in front of a row is what editors and that page say of it.
 *
 * Names and units are zeromq.js's wherever it has the option.
 */
import {
	defaultLimits,
	defaultMaxSubscriptionBytes,
	defaultMaxSubscriptions,
	maxHeartbeatTtlMs,
	maxRoutingIdBytes,
} from "../limits.js";
import type { SocketType } from "../wire/socket-type.js";
import type { Authenticator } from "./gatekeeper.js";
import type {
	AliasRow,
	CallbackRow,
	ChoiceRow,
	FlagRow,
	KeyRow,
	NumberRow,
	OctetsRow,
	OptionRow,
	TextRow,
	TlsRow,
} from "./option-rules.js";

const all = [
	"DEALER",
	"PAIR",
	"PUB",
	"PULL",
	"PUSH",
	"REP",
	"REQ",
	"ROUTER",
	"SUB",
	"XPUB",
	"XSUB",
] as const satisfies readonly SocketType[];
const senders = ["DEALER", "PAIR", "PUB", "PUSH", "REP", "REQ", "ROUTER", "XPUB", "XSUB"] as const;
const receivers = ["DEALER", "PAIR", "PULL", "REP", "REQ", "ROUTER", "SUB", "XPUB", "XSUB"] as const;
const conversing = ["DEALER", "REP", "REQ", "ROUTER"] as const;
const conflatable = ["DEALER", "PUB", "PULL", "PUSH", "SUB"] as const;

const now = { effect: "at once" } as const;
const later = { effect: "new endpoints" } as const;

type Value<Row> = Omit<Row, "on" | "libzmq" | "effect">;

const MiB = 1024 * 1024;
const forEver = Number.POSITIVE_INFINITY;
/** Node's timers turn anything longer into 1 ms. Unit: ms. */
const longestTimerMs = 2 ** 31 - 1;

function amount(unit: string, standard: number, least: number): Value<NumberRow> {
	return {
		kind: "number",
		unit,
		default: standard,
		least,
		most: Number.MAX_SAFE_INTEGER,
		infinite: forEver,
		isWhole: true,
	};
}

/** libzmq's high water mark of 0 means none. */
function mark(unit: string, standard: number): Value<NumberRow> {
	return { ...amount(unit, standard, 1), infinite: 0 };
}

function range(unit: string, standard: number, least: number, most: number): Value<NumberRow> {
	return { kind: "number", unit, default: standard, least, most, isWhole: true };
}

function duration(standard: number, least: number, infinite?: 0 | -1): Value<NumberRow> {
	const { infinite: _, ...row } = { ...amount("ms", standard, least), most: longestTimerMs, isWhole: false };
	return infinite === undefined ? row : { ...row, infinite };
}

const flag: Value<FlagRow> = { kind: "flag", default: false };
const key: Value<KeyRow> = { kind: "key", default: null };

function text(most: number): Value<TextRow> {
	return { kind: "text", default: null, most };
}

function choice<const V>(standard: V, values: readonly V[]): Value<ChoiceRow<V>> {
	return { kind: "choice", default: standard, values };
}

function callback<Callback>(signature: string): Value<CallbackRow<Callback>> {
	return { kind: "callback", default: null, signature };
}

function alias<const Name extends string>(of: Name): Value<AliasRow<Name>> {
	return { kind: "alias", of };
}

/** What there is no way to do here keeps its default. */
function unavailable<V>(libzmq: string, standard: V, instead: string) {
	return { kind: "unavailable" as const, on: all, libzmq, ...later, default: standard, instead };
}

const vmci = "only vmci:// has such a buffer; use tcp:// or ipc://";
const multicast = "only pgm:// is multicast; use tcp:// with PUB and SUB";
const gssapi =
	"GSSAPI is not spoken here; use CURVE (curveServer, curveServerKey) or PLAIN (plainServer, plainUsername)";

export const optionTable = {
	/** Largest frame accepted, checked before anything is allocated for it; above it the connection is closed. */
	maxFrameBytes: { on: all, ...later, ...amount("bytes", defaultLimits.maxFrameBytes, 0) },
	/** Largest message accepted, all its frames together: endless frames cannot fill the memory. */
	maxMessageBytes: { on: all, ...later, ...amount("bytes", defaultLimits.maxMessageBytes, 0) },
	/** Most frames accepted in one message. */
	maxFramesPerMessage: { on: all, ...later, ...amount("frames", defaultLimits.maxFramesPerMessage, 1) },
	/** Largest command accepted, READY with its properties included: all that a peer can make us hold before its handshake is done. */
	maxCommandBytes: { on: all, ...later, ...amount("bytes", defaultLimits.maxCommandBytes, 64) },
	/** `maxFrameBytes` as libzmq calls it, which counts each frame; -1 for no limit. `maxMessageBytes` is raised to it where it is lower. */
	maxMessageSize: { on: all, libzmq: "ZMQ_MAXMSGSIZE", ...later, ...alias("maxFrameBytes") },

	/** Most messages that wait for one peer; then sends wait, or drop where the pattern says so. */
	sendHighWaterMark: { on: senders, libzmq: "ZMQ_SNDHWM", ...now, ...mark("messages", 1000) },
	/** The same in octets, whatever their number of messages. */
	sendHighWaterMarkBytes: { on: senders, ...now, ...mark("bytes", 64 * MiB) },
	/** Most messages of one peer that wait for `receive()`; then it is not read from. */
	receiveHighWaterMark: { on: receivers, libzmq: "ZMQ_RCVHWM", ...now, ...mark("messages", 1000) },
	/** The same in octets. */
	receiveHighWaterMarkBytes: { on: receivers, ...now, ...mark("bytes", 64 * MiB) },
	/** Keep only the last message in each queue, whatever the high water marks; messages of one frame only. */
	conflate: { on: conflatable, libzmq: "ZMQ_CONFLATE", ...later, ...flag },
	/** Queue messages only for connections that stand, not from `connect()` on. */
	immediate: { on: all, libzmq: "ZMQ_IMMEDIATE", ...later, ...flag },

	/** How long `send()` waits for room; 0: not at all. */
	sendTimeout: { on: senders, libzmq: "ZMQ_SNDTIMEO", ...now, ...duration(forEver, 0, -1) },
	/** How long `receive()` waits; 0: not at all. */
	receiveTimeout: { on: receivers, libzmq: "ZMQ_RCVTIMEO", ...now, ...duration(forEver, 0, -1) },
	/** How long `close()` goes on sending what is queued; 0: not at all. */
	linger: { on: all, libzmq: "ZMQ_LINGER", ...now, ...duration(forEver, 0, -1) },

	/** First pause before another attempt to connect; it doubles each time, and half of it is random. No end: no other attempt. */
	reconnectInterval: { on: all, libzmq: "ZMQ_RECONNECT_IVL", ...now, ...duration(100, 0, -1) },
	/** Longest such pause; below `reconnectInterval`: no growth. */
	reconnectMaxInterval: { on: all, libzmq: "ZMQ_RECONNECT_IVL_MAX", ...now, ...duration(5000, 0) },
	/** How long one attempt to connect may take. */
	connectTimeout: { on: all, libzmq: "ZMQ_CONNECT_TIMEOUT", ...now, ...duration(30_000, 1, 0) },
	/** How long a peer may take for greeting and handshake, in all. */
	handshakeInterval: { on: all, libzmq: "ZMQ_HANDSHAKE_IVL", ...later, ...duration(30_000, 1, 0) },
	/** Most accepted connections whose handshake is not done; one more closes the oldest. */
	maxPendingHandshakes: { on: all, ...now, ...amount("connections", 4096, 1) },
	/** Silence after which a peer is sent a PING; 0: never. */
	heartbeatInterval: { on: all, libzmq: "ZMQ_HEARTBEAT_IVL", ...later, ...duration(0, 0) },
	/** How long after that it is given up; -1: as long as `heartbeatInterval`. */
	heartbeatTimeout: {
		on: all,
		libzmq: "ZMQ_HEARTBEAT_TIMEOUT",
		...later,
		...duration(-1, 1, 0),
		unset: { value: -1, means: "heartbeatInterval" },
	},
	/** How long a peer may wait for a sign of ours, told in each PING in tenths of a second; 0: it decides itself. */
	heartbeatTimeToLive: { on: all, libzmq: "ZMQ_HEARTBEAT_TTL", ...later, ...range("ms", 0, 0, maxHeartbeatTtlMs) },

	/** This socket's address at ROUTER peers. */
	routingId: {
		on: conversing,
		libzmq: "ZMQ_ROUTING_ID",
		...later,
		...({ kind: "octets", default: null, most: maxRoutingIdBytes, mayStartWithZero: false } satisfies Value<OctetsRow>),
	},
	/** Send an empty message to each new peer, so that a ROUTER there hears of this socket; for ROUTER peers only. */
	probeRouter: { on: ["DEALER", "REQ", "ROUTER"], libzmq: "ZMQ_PROBE_ROUTER", ...later, ...flag },
	/** Report a message for nobody (`EHOSTUNREACH`) and wait for a full peer, instead of dropping. */
	mandatory: { on: ["ROUTER"], libzmq: "ZMQ_ROUTER_MANDATORY", ...now, ...flag },
	/** A new peer takes a routing id from the one that has it, instead of being refused. */
	handover: { on: ["ROUTER"], libzmq: "ZMQ_ROUTER_HANDOVER", ...now, ...flag },
	/** Put a number in front of each request and take only the reply that bears it. */
	correlate: { on: ["REQ"], libzmq: "ZMQ_REQ_CORRELATE", ...now, ...flag },
	/** A request may follow another that has no reply yet, which is given up. Set `correlate` too, or a late reply is taken for the next one. */
	relaxed: { on: ["REQ"], libzmq: "ZMQ_REQ_RELAXED", ...now, ...flag },

	/** Wait for room, or report that there is none (`EAGAIN`), instead of dropping a message for a full subscriber. */
	noDrop: { on: ["PUB", "XPUB"], libzmq: "ZMQ_XPUB_NODROP", ...now, ...flag },
	/** Send messages to those whose subscriptions do not match; set it on both sides. */
	invertMatching: { on: ["PUB", "SUB", "XPUB"], libzmq: "ZMQ_INVERT_MATCHING", ...now, ...flag },
	/** Which repeated subscriptions are received: none, `"allSubs"` those that add one, `"allSubsUnsubs"` those that end one too. */
	verbosity: {
		on: ["XPUB"],
		libzmq: "ZMQ_XPUB_VERBOSE, ZMQ_XPUB_VERBOSER",
		...now,
		...choice(null, [null, "allSubs", "allSubsUnsubs"]),
	},
	/** Subscribe nobody to anything: the application does, by `subscribe()` and `unsubscribe()`, for the peer whose subscription it received last. */
	manual: { on: ["XPUB"], libzmq: "ZMQ_XPUB_MANUAL", ...now, ...flag },
	/** Most topics that one peer may subscribe to; one more closes its connection (`ZMTP_TOO_MANY_SUBSCRIPTIONS`). */
	maxSubscriptions: { on: ["PUB", "XPUB"], ...now, ...amount("topics", defaultMaxSubscriptions, 1) },
	/** The same in octets, all topics of the peer together. */
	maxSubscriptionBytes: { on: ["PUB", "XPUB"], ...now, ...amount("bytes", defaultMaxSubscriptionBytes, 1) },
	/** A message for each new subscriber, who must have subscribed to it before it connects. */
	welcomeMessage: {
		on: ["XPUB"],
		libzmq: "ZMQ_XPUB_WELCOME_MSG",
		...now,
		...({ kind: "octets", default: null, most: MiB, mayStartWithZero: true } satisfies Value<OctetsRow>),
	},

	/** Speak PLAIN as server: peers name themselves and are asked for a password. */
	plainServer: { on: all, libzmq: "ZMQ_PLAIN_SERVER", ...later, ...flag },
	/** Speak PLAIN as client, by this name. */
	plainUsername: { on: all, libzmq: "ZMQ_PLAIN_USERNAME", ...later, ...text(255) },
	/** Speak PLAIN as client, with this password. */
	plainPassword: { on: all, libzmq: "ZMQ_PLAIN_PASSWORD", ...later, ...text(255) },
	/** Speak CURVE as server; `curveSecretKey` is then needed too. */
	curveServer: { on: all, libzmq: "ZMQ_CURVE_SERVER", ...later, ...flag },
	/** This socket's own public key; a client needs it. */
	curvePublicKey: { on: all, libzmq: "ZMQ_CURVE_PUBLICKEY", ...later, ...key },
	/** The secret key that belongs to it. */
	curveSecretKey: { on: all, libzmq: "ZMQ_CURVE_SECRETKEY", ...later, ...key },
	/** Speak CURVE as client, with the server whose public key this is and with no other. */
	curveServerKey: { on: all, libzmq: "ZMQ_CURVE_SERVERKEY", ...later, ...key },
	/** What the authenticator is told of where the peer wants to come in (ZAP). With NULL it is asked only if this is set. */
	zapDomain: { on: all, libzmq: "ZMQ_ZAP_DOMAIN", ...later, ...text(254) },
	/** Refuse all peers while there is a domain and no authenticator. */
	zapEnforceDomain: { on: all, libzmq: "ZMQ_ZAP_ENFORCE_DOMAIN", ...later, ...flag },
	/** Says of each peer whether it may come in: see docs/security.md. */
	authenticator: { on: all, ...later, ...callback<Authenticator>("(request) => answer") },

	/** Length of the system's queue of connections not yet accepted. */
	backlog: { on: all, libzmq: "ZMQ_BACKLOG", ...later, ...range("connections", 511, 0, 65_535) },
	/** Use IPv6 beside IPv4: all interfaces are those of both, and names may have addresses of either. */
	ipv6: { on: all, libzmq: "ZMQ_IPV6", ...later, ...flag, default: true },
	/** TCP's keep-alive: 1 on, 0 off, -1 as the system has it. */
	tcpKeepalive: { on: all, libzmq: "ZMQ_TCP_KEEPALIVE", ...later, ...choice<-1 | 0 | 1>(-1, [-1, 0, 1]) },
	/** Silence before its first probe; -1: as the system has it. */
	tcpKeepaliveIdle: {
		on: all,
		libzmq: "ZMQ_TCP_KEEPALIVE_IDLE",
		...later,
		...range("s", -1, 1, 2_147_483),
		unset: { value: -1, means: "the system's" },
	},

	/** Let other sockets and processes bind the same port, each with a share of the connections; Node 23.1 or newer. */
	reusePort: { on: all, ...later, ...flag },
	/** TLS for `wss://`: keys, certificates and authorities by the names of Node's own TLS. */
	tls: { on: all, ...later, ...({ kind: "tls", default: null } satisfies Value<TlsRow>) },

	tcpKeepaliveCount: unavailable("ZMQ_TCP_KEEPALIVE_CNT", -1, "Node cannot set it; use heartbeatInterval"),
	tcpKeepaliveInterval: unavailable("ZMQ_TCP_KEEPALIVE_INTVL", -1, "Node cannot set it; use heartbeatInterval"),
	tcpMaxRetransmitTimeout: unavailable("ZMQ_TCP_MAXRT", 0, "Node cannot set it; use heartbeatInterval"),
	tcpAcceptFilter: unavailable<string | null>("ZMQ_TCP_ACCEPT_FILTER", null, "use a firewall, or PLAIN or CURVE"),
	sendBufferSize: unavailable(
		"ZMQ_SNDBUF",
		-1,
		"Node leaves it to the system; sendHighWaterMarkBytes bounds what waits",
	),
	receiveBufferSize: unavailable(
		"ZMQ_RCVBUF",
		-1,
		"Node leaves it to the system; receiveHighWaterMarkBytes bounds what waits",
	),
	typeOfService: unavailable("ZMQ_TOS", 0, "Node cannot set it; have a firewall mark the packets"),
	interface: unavailable<string | null>("ZMQ_BINDTODEVICE", null, "bind to an address of that interface"),
	socksProxy: unavailable<string | null>("ZMQ_SOCKS_PROXY", null, "connect to a tunnel's local end (ssh -L, for one)"),
	affinity: unavailable("ZMQ_AFFINITY", 0, "there are no I/O threads; use worker_threads with sockets of their own"),
	loopbackFastPath: unavailable("ZMQ_LOOPBACK_FASTPATH", false, "use inproc:// or ipc://"),
	rate: unavailable("ZMQ_RATE", 100, multicast),
	recoveryInterval: unavailable("ZMQ_RECOVERY_IVL", 10_000, multicast),
	multicastHops: unavailable("ZMQ_MULTICAST_HOPS", 1, multicast),
	multicastMaxTransportDataUnit: unavailable("ZMQ_MULTICAST_MAXTPDU", 1500, multicast),
	vmciBufferSize: unavailable("ZMQ_VMCI_BUFFER_SIZE", 0, vmci),
	vmciBufferMinSize: unavailable("ZMQ_VMCI_BUFFER_MIN_SIZE", 0, vmci),
	vmciBufferMaxSize: unavailable("ZMQ_VMCI_BUFFER_MAX_SIZE", 0, vmci),
	vmciConnectTimeout: unavailable("ZMQ_VMCI_CONNECT_TIMEOUT", -1, vmci),
	gssapiServer: unavailable("ZMQ_GSSAPI_SERVER", false, gssapi),
	gssapiPrincipal: unavailable<string | null>("ZMQ_GSSAPI_PRINCIPAL", null, gssapi),
	gssapiServicePrincipal: unavailable<string | null>("ZMQ_GSSAPI_SERVICE_PRINCIPAL", null, gssapi),
	gssapiPlainText: unavailable("ZMQ_GSSAPI_PLAINTEXT", false, gssapi),
	gssapiPrincipalNameType: unavailable<PrincipalNameType>("ZMQ_GSSAPI_PRINCIPAL_NAMETYPE", "hostBased", gssapi),
	gssapiServicePrincipalNameType: unavailable<PrincipalNameType>(
		"ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE",
		"hostBased",
		gssapi,
	),
} as const satisfies Record<string, OptionRow>;

type PrincipalNameType = "hostBased" | "userName" | "krb5Principal";
