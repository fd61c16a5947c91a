package org.violin.control.topology;

import org.yaml.snakeyaml.error.Mark;

/** A place in a file; lines and columns count from 1. */
record Position(int line, int column) {
    static final Position WHOLE_FILE = new Position(0, 0);
    static final Position START = new Position(1, 1);

    static Position of(Mark mark) {
        return new Position(mark.getLine() + 1, mark.getColumn() + 1);
    }
}
