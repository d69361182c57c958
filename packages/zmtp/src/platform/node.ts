import { curveOver } from "../mechanism/curve.js";
import { nodeCiphers } from "../mechanism/node-ciphers.js";
import { inproc } from "../transport/inproc.js";
import { ipc } from "../transport/ipc.js";
import { tcp } from "../transport/tcp.js";
import { ws } from "../transport/ws.js";
import { wss } from "../transport/wss.js";
import type { Platform } from "./platform.js";

/** Node, and what stands in for it: Bun, Deno. */
export const platform: Platform = { transports: { inproc, ipc, tcp, ws, wss }, curve: curveOver(nodeCiphers) };
