export * from "./browser.js";
export type { WorkerChange, WorkerStats } from "./queue/crew.js";
export type { DispatchPolicy } from "./queue/pool.js";
export { Queue, type QueueEndpoints, type QueueOptions, type QueueStats } from "./queue/queue.js";
export type { UpstreamChange, UpstreamState, UpstreamStats } from "./queue/upstream.js";
export type { HandlerFailure, RefusedCall, SurprisingCall } from "./server/failures.js";
export { type DrainOptions, Server, type ServerOptions, type ServerStats } from "./server/server.js";
export type { ServerCall, ServerInterceptor } from "./server/server-call.js";
