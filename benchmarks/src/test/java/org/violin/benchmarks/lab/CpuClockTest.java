package org.violin.benchmarks.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CpuClockTest {

    @Test
    void neitherIdleNorStolenTimeIsWork() {
        String stat = """
            cpu  100 20 300 99999 88888 4 50 77777 0 0
            cpu0 1 1 1 1 1 1 1 1 0 0
            """;
        assertThat(CpuClock.machineSeconds(stat)).isEqualTo(4.74);
    }

    @Test
    void aProcessMayHaveAnyName() {
        String stat = "42 (a) b (c) S 1 42 42 0 -1 4194304 100 0 0 0 150 250 9 9 20 0 1 0 1000 1 1";
        assertThat(CpuClock.processSeconds(stat)).isEqualTo(4.0);
    }

    @Test
    void runsWhileThisProgramWorks() {
        List<Long> self = List.of(ProcessHandle.current().pid());
        double machine = CpuClock.machineSeconds();
        double before = CpuClock.processSeconds(self);
        long deadlineNs = System.nanoTime() + 10_000_000_000L;
        while (CpuClock.processSeconds(self) < before + 0.05) {
            assertThat(System.nanoTime()).isLessThan(deadlineNs);
        }
        assertThat(CpuClock.machineSeconds()).isGreaterThan(machine);
        assertThat(CpuClock.processSeconds(List.of(Long.MAX_VALUE))).as("one that has ended").isZero();
    }
}
