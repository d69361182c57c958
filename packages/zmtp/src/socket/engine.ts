/**
 * What every socket is inside: endpoints, peers and one pattern, joined. Listeners and reconnects bring streams, peers
 * turn them into pipes, the pattern says what is done with them.
 */
import { Connection } from "../connection/connection.js";
import { about, ZmtpError } from "../errors.js";
import type { Credentials, Decision } from "../mechanism/authentication.js";
import type { HighWaterMark } from "../pattern/back-pressure.js";
import type { Pattern } from "../pattern/pipe.js";
import type { Platform } from "../platform/platform.js";
import type { Scheme } from "../transport/endpoint.js";
import type { ByteStream, Listener } from "../transport/transport.js";
import { resolveEndpoint } from "../transport/transports.js";
import type { Message } from "../wire/message.js";
import { utf8 } from "../wire/octets.js";
import type { SocketType } from "../wire/socket-type.js";
import { forgetAtExit, Linger, type LingersAtExit, lingerAtExit } from "./linger.js";
import { Observer, reportLoss } from "./observer.js";
import { connectionOptions, listenOptions, SendLimit, type Settings, streamOptions } from "./options.js";
import { Peer, type PeerOwner, type Terms } from "./peer.js";
import { holdProcess, releaseProcess } from "./process-hold.js";
import { Reconnect } from "./reconnect.js";
import { createSecurity } from "./security.js";
import { Ticker } from "./ticker.js";

/** An endpoint we connect to, its one peer and its reconnect. */
interface Connecting {
	readonly endpoint: string;
	readonly peer: Peer;
	readonly reconnect: Reconnect;
	/** Whether the pattern has the pipe only while the peer is there, not from `connect()` on. */
	readonly waitsForPeer: boolean;
}

const none = new Uint8Array(0);
const identified: ReadonlySet<SocketType> = new Set(["DEALER", "REQ", "ROUTER"]);

export class Engine implements PeerOwner, LingersAtExit {
	readonly events = new Observer();
	readonly settings: Settings;
	readonly sendLimit: HighWaterMark;
	/** Called when a full peer became writable, a peer came or went, or a message was delivered. */
	onChange: () => void = () => {};

	readonly #platform: Platform;
	readonly #type: SocketType;
	readonly #pattern: Pattern;
	readonly #properties: readonly (readonly [string, Uint8Array])[];
	readonly #listeners = new Map<string, Listener>();
	/** Binds under way; their listeners are closed when the socket is closed meanwhile. */
	readonly #binding = new Set<Promise<string>>();
	/** What was asked for, where it is not what was bound: `tcp://*:0`. */
	readonly #aliases = new Map<string, string>();
	readonly #connecting = new Map<Peer, Connecting>();
	/** Accepted peers whose handshake is not done, the oldest first. */
	readonly #shaking = new Set<Peer>();
	/** Peers whose pipe the pattern has. */
	readonly #attached = new Set<Peer>();
	readonly #ticker = new Ticker();
	#isClosed = false;
	#closing: Promise<void> | undefined;
	/** Streams given up that are not closed yet. */
	readonly #ending = new Set<Promise<void>>();
	readonly #linger = new Linger();
	/** Peers of endpoints that were disconnected, with messages still to be sent. */
	readonly #leaving = new Set<Peer>();
	#hasLingered = false;

	/** `properties`: what READY says beside Socket-Type and Identity. */
	constructor(
		platform: Platform,
		type: SocketType,
		pattern: Pattern,
		settings: Settings,
		properties: readonly (readonly [name: string, value: Uint8Array])[] = [],
	) {
		this.#platform = platform;
		this.#type = type;
		this.#pattern = pattern;
		this.settings = settings;
		this.sendLimit = new SendLimit(settings);
		this.#properties = properties;
	}

	get isRelay(): boolean {
		return this.#pattern.isRelay === true;
	}

	get isClosed(): boolean {
		return this.#isClosed;
	}

	/** Whether it is bound or connected anywhere. */
	get hasEndpoints(): boolean {
		return this.#listeners.size > 0 || this.#connecting.size > this.#leaving.size;
	}

	/** Binds and returns the endpoint as it is then: with the port that the system chose. */
	async bind(endpoint: string, signal?: AbortSignal): Promise<string> {
		this.#assertOpen();
		signal?.throwIfAborted();
		const binding = this.#bind(endpoint, signal);
		this.#binding.add(binding);
		lingerAtExit(this);
		holdProcess();
		try {
			return await binding;
		} finally {
			releaseProcess();
			this.#binding.delete(binding);
		}
	}

	async #bind(endpoint: string, signal: AbortSignal | undefined): Promise<string> {
		const { scheme, transport, address } = about(endpoint, () => resolveEndpoint(this.#platform.transports, endpoint));
		try {
			const terms = this.#terms(scheme);
			const listener = await transport.listen(address, {
				...listenOptions(this.settings),
				onStream: (stream) => this.#accept(stream, terms),
				onAcceptError: (error) => this.events.tell("accept:error", { address: endpoint, error }),
			});
			if (this.#isClosed || signal?.aborted) {
				await listener.close();
				this.#assertOpen();
				signal?.throwIfAborted();
			}
			this.#listeners.set(listener.endpoint, listener);
			if (listener.endpoint !== endpoint) this.#aliases.set(endpoint, listener.endpoint);
			this.events.tell("bind", { address: listener.endpoint });
			return listener.endpoint;
		} catch (error) {
			if (error instanceof ZmtpError) this.events.tell("bind:error", { address: endpoint, error: error.at(endpoint) });
			throw error;
		}
	}

	/** Stops accepting at an endpoint, named as it was bound or as it was asked for. Peers already there stay. */
	async unbind(endpoint: string): Promise<void> {
		this.#assertOpen();
		const bound = this.#aliases.get(endpoint) ?? endpoint;
		const listener = this.#listeners.get(bound);
		if (listener === undefined) throw notThere(endpoint, "bound");
		this.#listeners.delete(bound);
		this.#aliases.delete(endpoint);
		await listener.close();
		this.events.tell("close", { address: bound });
	}

	/**
	 * Connects in the background, now and again whenever the connection is lost. `routingId`: what a ROUTER is to call the
	 * peer; it can be written to at once then.
	 */
	connect(endpoint: string, routingId: Uint8Array = none): Peer {
		this.#assertOpen();
		const { scheme, transport, address } = about(endpoint, () => resolveEndpoint(this.#platform.transports, endpoint));
		const options = streamOptions(this.settings);
		about(endpoint, () => transport.check(address, options));
		const peer = new Peer(
			this,
			about(endpoint, () => this.#terms(scheme)),
			routingId,
		);
		const isNamed = routingId.length > 0;
		const waitsForPeer = (this.#pattern.needsPeer && !isNamed) || this.settings.immediate;
		const refusal = waitsForPeer ? undefined : this.#attach(peer);
		if (refusal !== undefined && isNamed) throw refusal;
		const reconnect = new Reconnect((signal) => transport.connect(address, options, signal), this.settings, {
			onDial: () => this.events.tell("connect:delay", { address: endpoint }),
			onStream: (stream) => {
				this.events.tell("connect", { address: endpoint });
				this.#start(peer, stream);
			},
			onRetry: (interval, error) => this.events.tell("connect:retry", { address: endpoint, interval, error }),
			onGivenUp: (error) => this.#giveUp(peer, error),
		});
		this.#connecting.set(peer, { endpoint, peer, reconnect, waitsForPeer });
		lingerAtExit(this);
		void reconnect.dial();
		return peer;
	}

	/** Ends the oldest connection made to this endpoint, once what waits in its queue is sent or `lingerMs` is over. */
	disconnect(endpoint: string, lingerMs: number): void {
		this.#assertOpen();
		const found = [...this.#connecting.values()].find(
			(connecting) => connecting.endpoint === endpoint && !this.#leaving.has(connecting.peer),
		);
		if (found === undefined) throw notThere(endpoint, "connected");
		const { peer } = found;
		this.#leaving.add(peer);
		this.#detach(peer, undefined);
		if (lingerMs === 0 || peer.isFlushed) {
			this.#forget(found);
			return;
		}
		// It only sends any more.
		peer.pause();
		void this.#linger
			.wait(lingerMs, () => peer.isFlushed)
			.then(() => {
				this.#forget(found);
				this.onFlushed();
			});
	}

	/** The high water marks have changed: pipes that were full may have room. */
	reopen(): void {
		for (const peer of this.#attached) peer.flush();
	}

	/** Resolves when queued messages are sent, or `linger` is over, and every stream and endpoint is released. */
	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	createConnection(peer: Peer): Connection {
		const { settings, security } = peer.terms;
		const options = connectionOptions(this.#type, settings);
		const mechanism = security.createMechanism(this.#tellProperties(settings));
		return new Connection(options, mechanism, peer, performance.now());
	}

	authenticate(peer: Peer, credentials: Credentials, decide: (decision: Decision) => void): void {
		void peer.terms.security.judge(credentials, peer.address).then(decide);
	}

	onPeerReady(peer: Peer): ZmtpError | undefined {
		this.#shaking.delete(peer);
		const connecting = this.#connecting.get(peer);
		connecting?.reconnect.succeeded();
		if (this.#leaving.has(peer)) return undefined;
		const refusal = this.#attached.has(peer) ? undefined : this.#attach(peer);
		if (refusal !== undefined) return refusal;
		this.#pattern.onReady?.(peer);
		this.events.tell("handshake", { address: peer.address, peer: peer.description! });
		this.onChange();
		return undefined;
	}

	onPeerLost(peer: Peer, error: ZmtpError | undefined): void {
		const wasReady = peer.description !== undefined;
		this.#shaking.delete(peer);
		this.#ticker.remove(peer);
		reportLoss(this.events, peer.address, wasReady, error);
		const connecting = this.#connecting.get(peer);
		// The queue of an endpoint outlives the connection: what waits in it goes out over the next one.
		const isOver = connecting === undefined || connecting.waitsForPeer;
		if (isOver) this.#detach(peer, error);
		peer.description = undefined;
		if (isOver) peer.discard();
		connecting?.reconnect.again(error);
		this.onFlushed();
		this.onChange();
	}

	onMessage(peer: Peer, message: Message): void {
		this.#pattern.deliver(peer, message);
		this.onChange();
	}

	onSubscription(peer: Peer, isSubscription: boolean, topic: Uint8Array): void {
		this.#pattern.onSubscription?.(peer, isSubscription, topic);
		this.onChange();
	}

	onWritable(peer: Peer): void {
		if (this.#leaving.has(peer)) return;
		this.#pattern.onWritable(peer);
		this.onChange();
	}

	onTickChanged(peer: Peer): void {
		this.#ticker.changed(peer);
	}

	onEnding(gone: Promise<void>): void {
		this.#ending.add(gone);
		// Its last octets may be on their way.
		holdProcess();
		void gone.then(() => {
			this.#ending.delete(gone);
			releaseProcess();
		});
	}

	onFlushed(): void {
		this.#linger.check();
	}

	lingerAtExit(): Promise<void> | undefined {
		if (this.#hasLingered || this.settings.linger === 0 || this.#isFlushed()) return undefined;
		this.#hasLingered = true;
		return this.#lingerAll().then(() => {
			this.#hasLingered = !this.#isFlushed();
		});
	}

	#lingerAll(): Promise<void> {
		return this.#linger.wait(this.settings.linger, () => this.#isFlushed());
	}

	#isFlushed(): boolean {
		for (const peer of this.#attached) if (!peer.isFlushed) return false;
		for (const peer of this.#leaving) if (!peer.isFlushed) return false;
		return true;
	}

	#accept(stream: ByteStream, terms: Terms): void {
		if (this.#isClosed) {
			stream.destroy();
			return;
		}
		this.events.tell("accept", { address: stream.remoteAddress });
		if (this.#shaking.size >= this.settings.maxPendingHandshakes) {
			// The oldest has had the most time; whoever is slow on purpose must not keep others out.
			const [oldest] = this.#shaking;
			oldest?.close(new ZmtpError("ZMTP_TOO_MANY_HANDSHAKES", "too many peers have not finished their handshake"));
		}
		const peer = new Peer(this, terms);
		this.#shaking.add(peer);
		this.#start(peer, stream);
	}

	#start(peer: Peer, stream: ByteStream): void {
		peer.attach(stream);
		this.#ticker.add(peer);
		const refusal = this.#attached.has(peer) ? undefined : this.#pattern.refuse?.();
		if (refusal !== undefined) peer.close(refusal);
	}

	/** Throws `EINVAL` when the options do not go together. */
	#terms(scheme: Scheme): Terms {
		return { settings: { ...this.settings }, security: createSecurity(scheme, this.settings, this.#platform) };
	}

	#tellProperties({ routingId }: Settings): readonly (readonly [string, Uint8Array])[] {
		return [
			["Socket-Type", utf8(this.#type)],
			// libzmq sends an Identity as REQ, DEALER and ROUTER, even when it is empty.
			...(identified.has(this.#type) ? [["Identity", routingId] as const] : []),
			...this.#properties,
		];
	}

	#attach(peer: Peer): ZmtpError | undefined {
		const refusal = this.#pattern.attach(peer);
		if (refusal === undefined) this.#attached.add(peer);
		return refusal;
	}

	#detach(peer: Peer, reason: ZmtpError | undefined): void {
		if (this.#attached.delete(peer)) this.#pattern.detach(peer, reason);
	}

	/** Nothing that waits for this peer can leave any more, and nothing else is to be queued for it. */
	#giveUp(peer: Peer, error: ZmtpError | undefined): void {
		this.#detach(peer, error);
		peer.discard();
		this.onFlushed();
		this.onChange();
	}

	#forget(connecting: Connecting): void {
		const { peer, reconnect } = connecting;
		reconnect.stop();
		this.#connecting.delete(peer);
		this.#leaving.delete(peer);
		this.#detach(peer, undefined);
		peer.release();
		peer.discard();
	}

	async #close(): Promise<void> {
		this.#isClosed = true;
		holdProcess();
		const listeners = [...this.#listeners.values()];
		const released = listeners.map((listener) => listener.close());
		for (const { endpoint } of listeners) this.events.tell("close", { address: endpoint });
		await this.#lingerAll();
		for (const connecting of [...this.#connecting.values()]) this.#forget(connecting);
		for (const peer of [...this.#attached, ...this.#shaking]) peer.release();
		this.#ticker.stop();
		await Promise.all([...released, ...this.#ending]);
		await Promise.allSettled(this.#binding);
		this.onFlushed();
		forgetAtExit(this);
		this.onChange();
		this.events.tell("end", {});
		releaseProcess();
	}

	#assertOpen(): void {
		if (this.#isClosed) throw new ZmtpError("EBADF", "the socket is closed");
	}
}

function notThere(endpoint: string, done: string): ZmtpError {
	return new ZmtpError("ENOENT", `${endpoint} is not ${done}`).at(endpoint);
}
