package org.violin.control.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UndoTest {
    private final List<String> done = new ArrayList<>();
    private final Undo undo = new Undo();

    @Test
    void takesBackTheNewestFirstAndGoesOnAfterAFailure() {
        undo.push("do 1", () -> done.add("1"));
        undo.push("do 2", () -> {
            throw new ClientException("no");
        });
        undo.push("do 3", () -> done.add("3"));
        assertThat(undo.run()).containsExactly("could not do 2: no");
        assertThat(done).containsExactly("3", "1");
        assertThat(undo.run()).isEmpty();
        assertThat(done).hasSize(2);
    }

    @Test
    void forgets() {
        undo.push("do 1", () -> done.add("1"));
        undo.forget();
        assertThat(undo.run()).isEmpty();
        assertThat(done).isEmpty();
    }
}
