package org.violin.benchmarks.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.benchmarks.lab.Namespaces;
import org.violin.benchmarks.lab.Needs;
import picocli.CommandLine;

/** {@code violin bench migrate}, with a few ports. */
class MigrateBenchIT {
    @TempDir
    private Path directory;

    @BeforeEach
    void needsRoot() {
        Needs.networks();
    }

    @Test
    void everyRoundGetsAFigureAndNothingIsLeft() throws Exception {
        assertThat(new CommandLine(new MigrateCommand()).execute("--ports", "6", "--rounds", "2", "--output",
            directory.toString())).isZero();
        String report = Files.readString(directory.resolve("report.md"));
        assertThat(report).containsPattern("moving: longest +\\| +[0-9.]+").contains("| 1 ", "| 2 ")
            .containsPattern("moving: daemons change +\\| +[0-9.]+").contains("One with 6 ports");
        assertThat(Namespaces.leftovers()).noneMatch(name -> name.contains("-migrate-"));
    }
}
