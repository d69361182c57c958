/**
 * No child outlives the command, even when that is killed: its end closes the pipe. Importing this is enough, so that it
 * holds from the first moment on, also for a program that waits for another one which is gone.
 */
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
