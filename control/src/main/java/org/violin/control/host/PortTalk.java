package org.violin.control.host;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.violin.control.keys.SharedKey;

/**
 * What a guest, or who starts it, says to a daemon to get its port, and the answer: lines of ASCII over TCP.
 *
 * <pre>
 * daemon: violin-port 1 NONCE
 * guest:  request|release NETWORK NAME ADDRESS:PORT NONCE PROOF
 * daemon: granted transport=l2tpv3,... PROOF | released PROOF | refused REASON
 * </pre>
 *
 * <p>A proof is HMAC-SHA256, in hex, of all that was said before it, with a key that follows from the port's token. So
 * the token never goes over the line, and what was heard once is of no use again, as each side's nonce is in it.
 */
public final class PortTalk {
    static final int LINE_BYTES_MAX = 512;
    static final Pattern REQUEST = Pattern.compile("(request|release) ([a-z][a-z0-9-]{0,30}) ([a-z][a-z0-9-]{0,30})"
        + " ([0-9a-f.:\\[\\]]{9,47}) [0-9a-f]{64} ([0-9a-f]{64})");
    static final String REFUSED = "refused ";
    static final String GRANTED = "granted ";
    static final String RELEASED = "released";

    private static final String VERSION = "violin-port 1 ";
    private static final String LABEL = "violin port request";
    private static final String MAC = "HmacSHA256";
    private static final int NONCE_BYTES = 32;
    private static final int CONNECT_MS = 10_000;
    /** The daemon makes the port before it answers. */
    private static final long ANSWER_NS = 60_000_000_000L;
    private static final SecureRandom RANDOM = new SecureRandom();

    private PortTalk() {
    }

    static String greeting() {
        return VERSION + random(NONCE_BYTES);
    }

    /** So many random bytes, in hex. */
    static String random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /** Of the lines, in hex. */
    static String proof(SharedKey token, String... lines) {
        byte[] key = token.derive(LABEL);
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(key, MAC));
            return HexFormat.of().formatHex(mac.doFinal(String.join("\n", lines).getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + MAC, e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /** In a time that says nothing of where they differ. */
    static boolean same(String proof, String other) {
        return MessageDigest.isEqual(proof.getBytes(StandardCharsets.US_ASCII),
            other.getBytes(StandardCharsets.US_ASCII));
    }

    static void send(Socket socket, String line) throws IOException {
        socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Waits for a line, until the deadline.
     *
     * @throws ProtocolException if what comes is none, or too long
     */
    static String receive(Socket socket, long deadlineNs) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) {
                throw new SocketTimeoutException("no answer in time");
            }
            socket.setSoTimeout((int) leftMs);
            int next = socket.getInputStream().read();
            if (next == '\n') {
                return line.toString();
            }
            if (next < ' ' || next > '~' || line.length() == LINE_BYTES_MAX) {
                throw new ProtocolException(next < 0 ? "the other end has hung up" : "what comes is no line of text");
            }
            line.append((char) next);
        }
    }

    /**
     * Asks a daemon for a port, or gives it back.
     *
     * @param verb  {@code request} or {@code release}
     * @param local the guest's UDP port, at the address that the daemon sees
     * @return what the guest's vNIC is, {@code transport=...}; empty: the port is given back
     * @throws IOException with why it is not
     */
    public static String ask(InetSocketAddress daemon, String verb, String network, String name, int local,
            SharedKey token) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(daemon, CONNECT_MS);
            long deadlineNs = System.nanoTime() + ANSWER_NS;
            String greeting = receive(socket, deadlineNs);
            requireGranted(greeting);
            if (!greeting.startsWith(VERSION)) {
                throw new ProtocolException("what listens there is no daemon, or one of another version");
            }
            String asked = String.join(" ", verb, network, name,
                Remote.format(new InetSocketAddress(socket.getLocalAddress(), local)), random(NONCE_BYTES));
            String request = asked + " " + proof(token, greeting, asked);
            send(socket, request);
            String answer = receive(socket, deadlineNs);
            requireGranted(answer);
            int end = answer.lastIndexOf(' ');
            String said = answer.substring(0, Math.max(end, 0));
            if (!same(proof(token, greeting, request, said), answer.substring(end + 1))) {
                throw new ProtocolException("what answers does not have the token");
            }
            return said.startsWith(GRANTED) ? said.substring(GRANTED.length()) : "";
        }
    }

    private static void requireGranted(String answer) throws ProtocolException {
        if (answer.startsWith(REFUSED)) {
            throw new ProtocolException("refused: " + answer.substring(REFUSED.length()));
        }
    }
}
