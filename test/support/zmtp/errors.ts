import { ZmtpError, type ZmtpErrorCode } from "../../../packages/zmtp/src/errors.js";

/** The code of the `ZmtpError` that `action` throws or rejects with. Fails when it does not, or with anything else. */
export async function codeOf(action: () => unknown): Promise<ZmtpErrorCode> {
	try {
		await action();
	} catch (error) {
		if (error instanceof ZmtpError) return error.code;
		throw error;
	}
	throw new Error("nothing was thrown");
}

/** As `codeOf`, for what throws at once. */
export function thrownCode(action: () => unknown): ZmtpErrorCode {
	return thrown(action).code;
}

/** The `ZmtpError` that `action` throws. */
export function thrown(action: () => unknown): ZmtpError {
	try {
		action();
	} catch (error) {
		if (error instanceof ZmtpError) return error;
		throw error;
	}
	throw new Error("nothing was thrown");
}
