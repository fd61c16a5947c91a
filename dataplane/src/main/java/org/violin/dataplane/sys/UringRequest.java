package org.violin.dataplane.sys;

/** Something a {@link UringPoller} has asked the kernel for, and asks again when it is used up. Worker's thread. */
abstract class UringRequest {
    /** Which one it is among the poller's; also the id of its buffers. */
    int token;
    /** Whether the kernel has it, or gets it with the next enter. */
    boolean armed;
    /** Whether it waits for the next poll to be armed. */
    boolean due;

    /** Before an enter: asks the kernel. Returns whether nothing is left to ask for now. */
    abstract boolean arm();

    /** What the kernel says: a result or a negative errno, and the completion's flags. */
    abstract void onCompletion(int result, int flags);
}
