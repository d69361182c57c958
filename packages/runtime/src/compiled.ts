/** `@homing/runtime/compiled`: what generated codecs are made of. For generated code, and for nobody else. */
export { BodyReader } from "./protocol/compiled-reading.js";
export * from "./protocol/compiled-writing.js";
export { surprised } from "./protocol/surprise.js";
