package org.violin.control.vnet;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;
import org.violin.control.keys.SharedKey;
import org.violin.control.vnet.Refusal.Word;

/** What only the two servers of a handler know: whoever says it has the handler go on by another connection. */
final class Token {
    /** As it is on a line: base64 of 32 bytes, as in URLs, without padding. */
    static final String PATTERN = "[A-Za-z0-9_-]{43}";
    private static final int BYTES = 32;
    private static final String KEY_LABEL = "violin vnet udp 1";
    private static final Pattern TEXT = Pattern.compile(PATTERN);

    private final String text;

    /** @param text of the {@link #PATTERN} */
    Token(String text) {
        this.text = text;
    }

    static Token random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return new Token(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    static Token parse(String text) throws Refusal {
        if (!TEXT.matcher(text).matches()) {
            throw new Refusal(Word.SYNTAX, "a token is 43 letters, digits, '_' or '-', as BEGIN was answered");
        }
        return new Token(text);
    }

    /** In a time that tells nothing of where they differ. */
    boolean matches(Token other) {
        return MessageDigest.isEqual(bytes(), other.bytes());
    }

    /** That seals what goes by UDP; to be closed. */
    SharedKey key() {
        try (SharedKey secret = new SharedKey(Base64.getUrlDecoder().decode(text))) {
            return new SharedKey(secret.derive(KEY_LABEL));
        }
    }

    private byte[] bytes() {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    String text() {
        return text;
    }

    /** Never shown. */
    @Override
    public String toString() {
        return "Token";
    }
}
