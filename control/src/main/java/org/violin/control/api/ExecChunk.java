package org.violin.control.api;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * A line of the stream that answers an {@link ExecRequest}; exactly one component is there. The last line carries
 * {@code exit} or {@code error}; a stream that ends without one was cut off.
 *
 * @param stdout base64 in JSON
 * @param stderr base64 in JSON
 * @param exit   status of the command; 128 + signal when a signal ended it
 * @param error  why there is no status
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ExecChunk(byte[] stdout, byte[] stderr, Integer exit, String error) {
    public static ExecChunk ofStdout(byte[] bytes) {
        return new ExecChunk(bytes, null, null, null);
    }

    public static ExecChunk ofStderr(byte[] bytes) {
        return new ExecChunk(null, bytes, null, null);
    }

    public static ExecChunk ofExit(int status) {
        return new ExecChunk(null, null, status, null);
    }

    public static ExecChunk ofError(String error) {
        return new ExecChunk(null, null, null, error);
    }
}
