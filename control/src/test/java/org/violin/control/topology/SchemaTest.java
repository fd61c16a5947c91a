package org.violin.control.topology;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaId;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The published schema and the published reference. */
class SchemaTest {
    private static final Path PUBLISHED = Path.of("../docs/topology.schema.json");

    @Test
    void theSchemaIsOneByItsOwnDraft() throws IOException {
        JsonNode schema = new ObjectMapper().readTree(PUBLISHED.toFile());
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(SchemaLocation.of(SchemaId.V202012)).validate(schema)).isEmpty();
    }

    @Test
    void thePackagedSchemaIsThePublishedOne() throws IOException {
        try (InputStream packaged = SchemaCheck.class.getResourceAsStream(SchemaCheck.RESOURCE)) {
            assertThat(packaged.readAllBytes()).isEqualTo(Files.readAllBytes(PUBLISHED));
        }
    }

    /** Errors quote titles: a place that can be wrong has one. */
    @Test
    void everyConstraintHasATitle() throws IOException {
        assertTitles("#", new ObjectMapper().readTree(PUBLISHED.toFile()));
    }

    private static void assertTitles(String path, JsonNode schema) {
        if (schema.isObject() && (schema.path("type").isTextual() || schema.path("type").isArray()
            || schema.has("enum") || schema.has("const"))) {
            assertThat(schema.path("title").asText()).as("title of " + path).isNotEmpty();
        }
        schema.properties().forEach(field -> assertTitles(path + "/" + field.getKey(), field.getValue()));
    }

    @Test
    void theReferencesCompleteExampleIsValid() throws IOException, TopologyException {
        Matcher blocks = Pattern.compile("```yaml\n(# yaml-language-server.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("../docs/topology.md")));
        assertThat(blocks.find()).isTrue();
        byte[] example = blocks.group(1).getBytes(StandardCharsets.UTF_8);
        PlanAssert.assertSound(Planner.plan(TopologyFile.parse("topology.md", example)));
    }
}
