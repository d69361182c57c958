import type { Codec } from "@homing/runtime";
import { shapesDescriptor } from "../generated/shapes.js";
import { runCodec } from "../load/codec.js";
import { forEachShape, throughRuntime } from "../load/shape-codecs.js";

await runCodec(forEachShape((shape) => throughRuntime(shapesDescriptor.methods[shape].result as Codec<unknown>)));
