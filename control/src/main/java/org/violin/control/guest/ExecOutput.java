package org.violin.control.guest;

/** Takes a command's output as it comes, on the thread that called exec; what it throws cancels the command. */
public interface ExecOutput {
    void onStdout(byte[] bytes, int length);

    void onStderr(byte[] bytes, int length);
}
