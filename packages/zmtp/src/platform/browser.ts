import { ws, wss } from "../transport/browser-websocket.js";
import type { Platform } from "./platform.js";

/** Browsers, and whatever else has their `WebSocket` and nothing of Node. */
export const platform: Platform = { transports: { ws, wss } };
