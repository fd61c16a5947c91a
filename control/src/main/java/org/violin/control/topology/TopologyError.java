package org.violin.control.topology;

/**
 * One thing wrong in a topology file.
 *
 * @param file    as the user named it
 * @param line    from 1; 0 when the file as a whole is meant
 * @param column  from 1; 0 when the file as a whole is meant
 * @param message what is wrong and what would be right
 */
public record TopologyError(String file, int line, int column, String message) {

    /** {@code file:line:column: message}, the form that editors jump to. */
    @Override
    public String toString() {
        return line == 0 ? file + ": " + message : file + ":" + line + ":" + column + ": " + message;
    }
}
