package org.violin.control.guest;

/** Where a command's output goes. */
public interface ExecOutput {
    void onStdout(byte[] bytes, int length);

    void onStderr(byte[] bytes, int length);
}
