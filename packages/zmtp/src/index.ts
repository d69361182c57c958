export { type PeerErrorCode, type SocketErrorCode, ZmtpError, type ZmtpErrorCode } from "./errors.js";
export type { Limits } from "./limits.js";
export type { Readable, Writable } from "./socket/directions.js";
export { Monitor, type SocketEventName, type SocketEvents } from "./socket/monitor.js";
export { Pair, Pull, Push } from "./socket/pipeline-sockets.js";
export { Proxy } from "./socket/proxy.js";
export { Publisher, Subscriber, XPublisher, XSubscriber } from "./socket/publish-subscribe-sockets.js";
export { type MessageLike, Socket, type SocketOptions } from "./socket/socket.js";
export { Dealer, Reply, Request, Router } from "./socket/sockets.js";
