/**
 * What runs in browsers too: everything but what binds, servers and queues. Package.json's `exports` give this to a bundler
 * for browsers, so a generated stub is the same for both.
 */

export { serving, servingItems } from "./ambient.js";
export type { CallContext, CallPeer, ForwardTarget } from "./call-context.js";
export type { BreakerOptions, BreakerState } from "./client/breaker.js";
export type { CallOptions } from "./client/call-options.js";
export type { CallChanges, ClientCall, ClientInterceptor } from "./client/client-call.js";
export { Connection, connect } from "./client/connection.js";
export type {
	BreakerEvent,
	ConnectionEvents,
	ConnectionState,
	HedgeEvent,
	RetryEvent,
} from "./client/connection-events.js";
export { connectionOf } from "./client/connection-of.js";
export type { ConnectionOptions, SchemaCheck } from "./client/connection-options.js";
export type { ConnectionStats } from "./client/connection-stats.js";
export type { EndpointState, EndpointStats } from "./client/endpoint.js";
export type { HedgeOptions } from "./client/hedge-options.js";
export type { ReadyOptions } from "./client/readiness.js";
export type { RetryBudgetOptions } from "./client/retry-budget.js";
export type { RetryPolicy } from "./client/retry-policy.js";
export type { Balance } from "./client/servers.js";
export type { SurveyAnswer, SurveyOptions } from "./client/survey.js";
export { type ContextKey, ContextValues, createContextKey } from "./context-values.js";
export { type Outcome, RpcError, type RpcErrorOptions, ServiceError, type Status, statusNumbers } from "./errors.js";
export type { Answer, InterceptedCall, Interceptor, Next } from "./interceptor.js";
export {
	type AuthenticatedUser,
	authenticatedUser,
	type BearerAuthOptions,
	bearerAuth,
	bearerToken,
	type Verified,
} from "./interceptors/bearer-auth.js";
export { type ConcurrencyLimitOptions, concurrencyLimit } from "./interceptors/concurrency-limit.js";
export { type CallRecord, formatCallRecord, logging } from "./interceptors/logging.js";
export { type CallEnded, type CallStarted, type MetricsHooks, metrics } from "./interceptors/metrics.js";
export { type CallObserver, observe } from "./interceptors/observe.js";
export { type RateLimitOptions, rateLimit } from "./interceptors/rate-limit.js";
export type { LinkOptions } from "./link/link.js";
export type {
	Authenticate,
	AuthenticationDecision,
	AuthenticationRequest,
	ClientSecurity,
	CurveClientSecurity,
	CurveServerSecurity,
	KeyPair,
	PlainClientSecurity,
	PlainServerSecurity,
	ServerSecurity,
} from "./link/security.js";
export { curveKeyPair, curvePublicKey } from "./link/zmtp-link.js";
export {
	type Codec,
	type Conversion,
	InvalidValue,
	type MessageCodecOptions,
	messageCodec,
	voidCodec,
} from "./protocol/codec.js";
export { convert } from "./protocol/conversion.js";
export type { DeclaredError, DeclaredErrors } from "./protocol/declared-error.js";
export type { Doc, Docs, MethodDocs, ServiceDocs, ValueDocs } from "./protocol/docs.js";
export type { ReplyTo } from "./protocol/hand-over.js";
export type { SchemaOf } from "./protocol/schema-of.js";
export type { Violation } from "./protocol/validation.js";
export type {
	ChannelDescription,
	Description,
	ErrorDescription,
	JsonSchema,
	MethodDescription,
	ServiceDescription,
} from "./reserved/description.js";
export { type Health, homingDescriptor, type Pong, type ServingStatus, type Stats } from "./reserved/homing.js";
export {
	type Callback,
	type ChannelOf,
	callback,
	defineService,
	type Input,
	input,
	type Method,
	type MethodForm,
	type MethodOptions,
	type OneWayOptions,
	oneWay,
	type Service,
	type ServiceDescriptor,
	stream,
	unary,
} from "./service.js";
