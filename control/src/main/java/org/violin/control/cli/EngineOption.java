package org.violin.control.cli;

import java.util.Iterator;
import java.util.stream.Stream;
import org.violin.dataplane.IoEngine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code --engine}, of the commands that move frames. */
final class EngineOption {
    @Option(names = "--engine", paramLabel = "ENGINE", defaultValue = "auto", converter = Converter.class,
        completionCandidates = Labels.class,
        description = "How frames are read: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}, the one that measures"
            + " better).")
    private IoEngine engine;

    IoEngine value() {
        return engine;
    }

    static final class Converter implements ITypeConverter<IoEngine> {
        @Override
        public IoEngine convert(String value) {
            try {
                return IoEngine.of(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    static final class Labels implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.of(IoEngine.values()).map(IoEngine::label).iterator();
        }
    }
}
