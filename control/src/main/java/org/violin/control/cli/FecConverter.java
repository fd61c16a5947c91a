package org.violin.control.cli;

import org.violin.control.spec.FecSpec;

/** {@code off}; {@code auto}; {@code 10+3}, or {@code 10+3x4}; {@code auto/ordered} and so on. */
final class FecConverter extends Converter<FecSpec> {
    FecConverter() {
        super(FecSpec::parse);
    }
}
