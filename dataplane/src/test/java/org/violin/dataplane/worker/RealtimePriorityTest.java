package org.violin.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RealtimePriorityTest {
    private final List<Boolean> asked = new ArrayList<>();
    private final RealtimePriority priority = new RealtimePriority(asked::add);

    @Test
    void nobodyWhoDoesNotAskGetsIt() {
        priority.onCycle(0);
        priority.onCycle(2 * RealtimePriority.BUDGET_NS);
        assertThat(asked).isEmpty();
    }

    @Test
    void lastsAsLongAsTheWorkerPausesInTime() {
        assertThat(priority.request()).isTrue();
        priority.onCycle(RealtimePriority.BUDGET_NS);
        priority.onCycle(0);
        priority.onCycle(RealtimePriority.BUDGET_NS);
        assertThat(asked).containsExactly(true);
    }

    @Test
    void isLentToOthersInAFloodUntilThatPauses() {
        priority.request();
        priority.onCycle(RealtimePriority.BUDGET_NS + 1);
        priority.onCycle(3 * RealtimePriority.BUDGET_NS);
        assertThat(asked).containsExactly(true, false);
        priority.onCycle(0);
        priority.onCycle(1);
        assertThat(asked).containsExactly(true, false, true);
    }

    @Test
    void whoMayNotHaveItDoesNotAskAgain() {
        RealtimePriority refused = new RealtimePriority(on -> {
            asked.add(on);
            return false;
        });
        assertThat(refused.request()).isFalse();
        refused.onCycle(2 * RealtimePriority.BUDGET_NS);
        refused.onCycle(0);
        assertThat(asked).containsExactly(true);
    }
}
