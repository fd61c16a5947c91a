package org.violin.control.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class StreamHelloTest {
    private static final byte[] KEY = filled(1);
    private static final byte[] BINDING = filled(2);
    private static final TunnelName NAME = new TunnelName(1, 2);

    private final SecureRandom random = new SecureRandom();

    private static byte[] filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private StreamHello hello(byte[] key, byte[] binding) {
        return new StreamHello(key, StreamHello.Mode.KEYED, binding, NAME, random);
    }

    private StreamHello hello() {
        return hello(KEY, BINDING);
    }

    private static void assertRefused(StreamEvent event, String part, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(HelloException.class).hasMessageContaining(part)
            .matches(thrown -> ((HelloException) thrown).event() == event);
    }

    @Test
    void twoEndsWithOneKeyProveItToEachOther() throws HelloException {
        StreamHello client = hello();
        StreamHello server = hello();
        byte[] first = client.first();
        server.onFirst(first);
        byte[] answer = server.answer();
        byte[] last = client.onAnswer(answer);
        server.onLast(last);
        assertThat(first).hasSize(StreamHello.FIRST_BYTES);
        assertThat(answer).hasSize(StreamHello.ANSWER_BYTES);
        assertThat(last).hasSize(StreamHello.LAST_BYTES);
        assertThat(server.nonce()).isEqualTo(client.nonce());
        assertThat(server.name()).isEqualTo(NAME);
        assertThat(hello().first()).isNotEqualTo(first);
    }

    @Test
    void anotherKeyAnswersNothing() {
        byte[] first = hello(filled(3), BINDING).first();
        assertRefused(StreamEvent.HELLO_FORGED, "another key", () -> hello().onFirst(first));
    }

    @Test
    void whoStandsBetweenHasAnotherBinding() throws HelloException {
        byte[] first = hello().first();
        assertRefused(StreamEvent.HELLO_FORGED, "between", () -> hello(KEY, filled(4)).onFirst(first));
    }

    @Test
    void everyByteOfEveryMessageCounts() throws HelloException {
        StreamHello client = hello();
        StreamHello server = hello();
        byte[] first = client.first();
        server.onFirst(first);
        byte[] answer = server.answer();
        for (int i = 0; i < first.length; i++) {
            byte[] bad = changed(first, i);
            assertThatThrownBy(() -> hello().onFirst(bad)).isInstanceOf(HelloException.class);
        }
        for (int i = 0; i < answer.length; i++) {
            byte[] badAnswer = changed(answer, i);
            assertThatThrownBy(() -> client.onAnswer(badAnswer)).isInstanceOf(HelloException.class);
        }
        byte[] last = client.onAnswer(answer);
        for (int i = 0; i < last.length; i++) {
            byte[] bad = changed(last, i);
            assertThatThrownBy(() -> server.onLast(bad)).isInstanceOf(HelloException.class);
        }
    }

    private byte[] changed(byte[] message, int at) {
        byte[] changed = message.clone();
        changed[at] ^= (byte) (1 << random.nextInt(8));
        return changed;
    }

    /** It gets an answer, as the first time, and goes no further: the answer's number is another. */
    @Test
    void aConnectionPlayedAgainProvesNothing() throws HelloException {
        StreamHello client = hello();
        StreamHello server = hello();
        byte[] first = client.first();
        server.onFirst(first);
        byte[] last = client.onAnswer(server.answer());
        server.onLast(last);
        StreamHello later = hello();
        later.onFirst(first);
        later.answer();
        assertRefused(StreamEvent.HELLO_FORGED, "another key", () -> later.onLast(last));
    }

    @Test
    void whatOneEndSaysIsOfNoUseSentBackToIt() throws HelloException {
        StreamHello client = hello();
        byte[] first = client.first();
        byte[] like = Arrays.copyOf(first, StreamHello.ANSWER_BYTES);
        assertRefused(StreamEvent.HELLO_FORGED, "another key", () -> client.onAnswer(like));
        StreamHello server = hello();
        server.onFirst(hello().first());
        byte[] answer = server.answer();
        byte[] unlike = Arrays.copyOf(answer, StreamHello.FIRST_BYTES);
        assertRefused(StreamEvent.HELLO_FORGED, "another key", () -> hello().onFirst(unlike));
        byte[] proof = Arrays.copyOfRange(answer, 40, 72);
        assertRefused(StreamEvent.HELLO_FORGED, "another key", () -> server.onLast(proof));
    }

    @Test
    void whatElseComesIsNamed() {
        StreamHello plain = new StreamHello(new byte[32], StreamHello.Mode.PLAINTEXT, BINDING, NAME, random);
        assertRefused(StreamEvent.HELLO_FOREIGN, "has no key", () -> hello().onFirst(plain.first()));
        assertRefused(StreamEvent.HELLO_FOREIGN, "has a key", () -> plain.onFirst(hello().first()));
        byte[] http = Arrays.copyOf("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII), 88);
        assertRefused(StreamEvent.HELLO_FOREIGN, "does not speak", () -> hello().onFirst(http));
        byte[] tls = new byte[88];
        tls[0] = 0x16;
        assertRefused(StreamEvent.HELLO_FOREIGN, "--transport tls", () -> hello().onFirst(tls));
        byte[] later = hello().first();
        later[6] = 3;
        assertRefused(StreamEvent.HELLO_FOREIGN, "version 3", () -> hello().onFirst(later));
    }
}
