export { type PeerErrorCode, type SocketErrorCode, ZmtpError, type ZmtpErrorCode } from "./errors.js";
export type { Limits } from "./limits.js";
export { Monitor, type SocketEventName, type SocketEvents } from "./socket/monitor.js";
export type { RouterSocketOptions, SocketOptions } from "./socket/options.js";
export { Proxy } from "./socket/proxy.js";
export { type MessageLike, Socket } from "./socket/socket.js";
export { Dealer, Reply, Request, Router } from "./socket/sockets.js";
