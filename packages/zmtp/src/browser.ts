/**
 * Sockets for browsers, over the platform's WebSocket: they connect to `ws://` and `wss://`. A bundler takes them as they are,
 * without anything of Node.
 */
export { type PeerErrorCode, type SocketErrorCode, ZmtpError, type ZmtpErrorCode } from "./errors.js";
export type { Limits } from "./limits.js";
export { type Event, type EventOfType, type EventType, Observer, type SocketEvents } from "./socket/observer.js";
export { Push } from "./socket/pipeline-sockets.js";
export { Subscriber } from "./socket/publish-subscribe-sockets.js";
export { Dealer, Request } from "./socket/request-reply-sockets.js";
export { type Message, type MessageLike, Socket, type SocketOptions } from "./socket/socket.js";
export type { CallOptions } from "./socket/waiting-call.js";
