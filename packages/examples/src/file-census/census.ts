/** Looks at files. */
export interface Census {
	/**
	 * What is in one file. Looking twice does no harm, so a worker's death costs no call.
	 * @idempotent
	 */
	inspect(file: FileRef): Promise<FileReport>;
}

/** A file that the worker can open itself. */
export interface FileRef {
	/** @minLength 1 */
	path: string;
}

export interface FileReport {
	/** Of the content, in hexadecimal. @pattern ^[0-9a-f]{64}$ */
	sha256: string;
	/** @int @minimum 0 */
	bytes: number;
	/** Line feeds. @int @minimum 0 */
	lines: number;
	/** Runs of octets other than ASCII white space. @int @minimum 0 */
	words: number;
	/** Size when compressed by brotli. @int @minimum 0 */
	brotliBytes: number;
	/** Process id of the worker that looked. @int @minimum 1 */
	worker: number;
}
