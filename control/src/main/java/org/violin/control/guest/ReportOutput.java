package org.violin.control.guest;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Keeps the beginning of what a command says on both its outputs. One thread. */
final class ReportOutput implements ExecOutput {
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final int bytesMax;

    ReportOutput(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    @Override
    public void onStdout(byte[] bytes, int length) {
        kept.write(bytes, 0, Math.min(length, bytesMax - kept.size()));
    }

    @Override
    public void onStderr(byte[] bytes, int length) {
        onStdout(bytes, length);
    }

    String text() {
        return kept.toString(StandardCharsets.UTF_8);
    }
}
