import type { ApplicationPattern } from "../pattern/pipe.js";
import type { Platform } from "../platform/platform.js";
import type { SocketType } from "../wire/socket-type.js";
import { Engine } from "./engine.js";
import type { Settings } from "./options.js";
import { Receiver } from "./receiver.js";
import { Sender } from "./sender.js";

/**
 * What a socket is behind its public face: an engine, a pattern, and the calls that wait for them. Nothing here knows the
 * public object, so that one which is forgotten can be collected.
 */
export class SocketCore {
	readonly type: SocketType;
	readonly settings: Settings;
	readonly pattern: ApplicationPattern;
	readonly engine: Engine;
	readonly sender: Sender;
	readonly receiver: Receiver;
	/** The endpoint bound or connected last. */
	lastEndpoint: string | null = null;

	constructor(platform: Platform, type: SocketType, settings: Settings, pattern: ApplicationPattern) {
		this.type = type;
		this.settings = settings;
		this.pattern = pattern;
		this.engine = new Engine(platform, type, pattern, settings);
		this.sender = new Sender(pattern, settings);
		this.receiver = new Receiver(pattern, settings);
		this.engine.onChange = () => {
			this.sender.wake();
			this.receiver.wake();
		};
	}

	close(): Promise<void> {
		const done = this.engine.close();
		this.sender.close();
		this.receiver.close();
		return done;
	}
}
