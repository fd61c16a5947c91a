package org.violin.control.identity;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Textual encoding of keys and certificates (RFC 7468), in arrays of bytes, which can be overwritten. */
final class Pem {
    static final String PRIVATE_KEY = "PRIVATE KEY";
    static final String CERTIFICATE = "CERTIFICATE";

    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    private static final int LINE_BYTES = 64;

    /** What stands between two of PEM's lines: what it is, and its DER. */
    record Block(String label, byte[] der) {
        void clear() {
            Arrays.fill(der, (byte) 0);
        }

        /** Without the content. */
        @Override
        public String toString() {
            return label;
        }
    }

    private Pem() {
    }

    static byte[] encode(Block block) {
        byte[] text = Base64.getMimeEncoder(LINE_BYTES, new byte[] {'\n'}).encode(block.der);
        byte[] head = (BEGIN + block.label + DASHES + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] tail = ("\n" + END + block.label + DASHES + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(head, head.length + text.length + tail.length);
        System.arraycopy(text, 0, all, head.length, text.length);
        System.arraycopy(tail, 0, all, head.length + text.length, tail.length);
        Arrays.fill(text, (byte) 0);
        return all;
    }

    /**
     * The blocks of a file; what stands before, between and behind them is left alone, as the RFC says.
     *
     * @throws IllegalArgumentException if a block has no end, or holds no base64; the message tells nothing of it
     */
    static List<Block> decode(byte[] file) {
        List<Block> blocks = new ArrayList<>();
        String label = null;
        Body body = new Body();
        for (int from = 0; from < file.length;) {
            int to = from;
            while (to < file.length && file[to] != '\n') {
                to++;
            }
            String mark = mark(file, from, to);
            if (label == null && mark.startsWith(BEGIN)) {
                label = label(mark, BEGIN);
            } else if (label != null && mark.startsWith(END)) {
                if (!label.equals(label(mark, END))) {
                    throw new IllegalArgumentException("a block of PEM has another end than beginning");
                }
                blocks.add(new Block(label, body.take()));
                label = null;
            } else if (label != null) {
                body.write(file, from, to - from);
            }
            from = to + 1;
        }
        if (label != null) {
            throw new IllegalArgumentException("a block of PEM has no end");
        }
        return blocks;
    }

    /** A line if it is one of the marks; others may be secret, and do not become strings. */
    private static String mark(byte[] file, int from, int to) {
        boolean dashes = to - from > DASHES.length() && file[from] == '-';
        return dashes ? new String(file, from, to - from, StandardCharsets.US_ASCII).strip() : "";
    }

    private static String label(String mark, String start) {
        if (!mark.endsWith(DASHES)) {
            throw new IllegalArgumentException("a line of PEM is damaged");
        }
        return mark.substring(start.length(), Math.max(start.length(), mark.length() - DASHES.length()));
    }

    /** The base64 of a block, which is overwritten when it has been decoded. */
    private static final class Body extends ByteArrayOutputStream {
        byte[] take() {
            byte[] text = toByteArray();
            Arrays.fill(buf, (byte) 0);
            reset();
            try {
                return Base64.getMimeDecoder().decode(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("a block of PEM is not base64"); // its message would tell of it
            } finally {
                Arrays.fill(text, (byte) 0);
            }
        }
    }
}
