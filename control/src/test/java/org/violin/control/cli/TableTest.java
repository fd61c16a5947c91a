package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void alignsTextLeftAndNumbersRight() {
        Table table = Table.of("NAME", ">COUNT", "NOTE");
        table.row("a", 5, "x");
        table.row("longer", 123456L, "");
        assertThat(table.render()).isEqualTo("""
            NAME     COUNT  NOTE
            a            5  x
            longer  123456  -
            """);
    }

    @Test
    void isJustItsTitlesWhenEmpty() {
        assertThat(Table.of("A", "B").render()).isEqualTo("A  B\n");
    }

    @Test
    void keepsARowOnOneLine() {
        Table table = Table.of("A");
        table.row("two\nlines\u001b[31m");
        assertThat(table.render()).isEqualTo("A\ntwo lines [31m\n");
    }

    @Test
    void refusesARowOfAnotherLength() {
        assertThatThrownBy(() -> Table.of("A").row(1, 2)).isInstanceOf(IllegalArgumentException.class);
    }
}
