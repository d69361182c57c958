import { runCodec } from "../load/codec.js";
import { asJson, forEachShape } from "../load/shape-codecs.js";

await runCodec(forEachShape(() => asJson((value) => value)));
