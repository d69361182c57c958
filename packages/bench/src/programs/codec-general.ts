import { messageCodec } from "@homing/runtime";
import { runCodec } from "../load/codec.js";
import { schemas } from "../load/schemas.js";
import { forEachShape, throughRuntime } from "../load/shape-codecs.js";

await runCodec(forEachShape((shape) => throughRuntime(messageCodec<unknown>(schemas[shape]))));
