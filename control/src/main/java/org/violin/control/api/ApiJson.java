package org.violin.control.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.regex.Pattern;

/**
 * How the API's records become JSON and back: a key nobody knows, a missing number and a trailing token are errors, so
 * that a client and a daemon of different versions never misunderstand each other in silence. Thread-safe.
 */
public final class ApiJson {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();

    /** For what comes in: every component has to be there. */
    private static final ObjectMapper WHOLE = MAPPER.copy()
        .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES);

    /** Advice to Jackson's users, not to ours. */
    private static final Pattern JACKSONS_OWN = Pattern.compile("; `DeserializationFeature| \\(\\d+ known properties");

    private ApiJson() {
    }

    /** One line of JSON without its newline, UTF-8. */
    public static byte[] bytes(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(value.getClass().getSimpleName() + ": " + e.getOriginalMessage(), e);
        }
    }

    /** Throws {@link IllegalArgumentException} with the place of the error when {@code json} is not a {@code type}. */
    public static <T> T parse(byte[] json, Class<T> type) {
        return parse(MAPPER, json, type);
    }

    /** As {@link #parse}, and every component of every record has to be there. */
    static <T> T parseWhole(byte[] json, Class<T> type) {
        return parse(WHOLE, json, type);
    }

    private static <T> T parse(ObjectMapper mapper, byte[] json, Class<T> type) {
        try {
            T value = mapper.readValue(json, type);
            if (value == null) {
                throw new IllegalArgumentException("null where a " + type.getSimpleName() + " is expected");
            }
            return value;
        } catch (JsonProcessingException e) {
            String place = e.getLocation() == null ? ""
                : " at line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
            throw new IllegalArgumentException(
                "not a " + type.getSimpleName() + place + ": " + JACKSONS_OWN.split(e.getOriginalMessage(), 2)[0], e);
        } catch (IOException e) {
            throw new IllegalArgumentException("not a " + type.getSimpleName() + ": " + e.getMessage(), e);
        }
    }
}
