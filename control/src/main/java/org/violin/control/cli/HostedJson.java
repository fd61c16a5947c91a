package org.violin.control.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.violin.control.client.Survey;

/** Answers of many hosts as one JSON array: each record as the API has it, and the name of its host. */
final class HostedJson {
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private HostedJson() {
    }

    static <T> String render(List<Survey.Answer<List<T>>> answers) {
        ArrayNode array = MAPPER.createArrayNode();
        for (Survey.Answer<List<T>> answer : answers) {
            if (answer.error() == null) {
                for (T value : answer.value()) {
                    ObjectNode object = array.addObject().put("host", answer.host().name());
                    JsonNode fields = MAPPER.valueToTree(value);
                    fields.properties().forEach(field -> object.set(field.getKey(), field.getValue()));
                }
            }
        }
        return render(array);
    }

    /** Anything, indented. */
    static String render(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
