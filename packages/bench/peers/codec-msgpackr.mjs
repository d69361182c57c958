import { runMsgpackr } from "./msgpackr-codec.mjs";

await runMsgpackr({ useRecords: false });
