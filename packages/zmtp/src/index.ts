export type { PeerDescription } from "./connection/connection.js";
export { type PeerErrorCode, type SocketErrorCode, ZmtpError, type ZmtpErrorCode } from "./errors.js";
export type { Limits } from "./limits.js";
export { Stream } from "./socket/absent-sockets.js";
export { capability, version } from "./socket/capability.js";
export { Context, type ContextOptions, context } from "./socket/context.js";
export { type CurveKeyPair, curveKeyPair, curvePublicKey } from "./socket/curve-keys.js";
export type { Readable, Writable } from "./socket/directions.js";
export type { AuthenticationAnswer, AuthenticationRequest, Authenticator } from "./socket/gatekeeper.js";
export {
	type Event,
	type EventOfType,
	type EventSubscriber,
	type EventType,
	Observer,
	type SocketEvents,
} from "./socket/observer.js";
export { Pair, Pull, Push } from "./socket/pipeline-sockets.js";
export { Proxy, type SideStatistics } from "./socket/proxy.js";
export { Publisher, Subscriber, XPublisher, XSubscriber } from "./socket/publish-subscribe-sockets.js";
export { Dealer, Reply, Request, Router, type RouterConnectOptions } from "./socket/request-reply-sockets.js";
export { type Message, type MessageLike, Socket, type SocketOptions } from "./socket/socket.js";
export type { CallOptions } from "./socket/waiting-call.js";
export { decodeZ85, encodeZ85 } from "./wire/z85.js";
