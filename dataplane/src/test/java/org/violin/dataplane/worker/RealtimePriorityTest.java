package org.violin.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.sys.Devices;

class RealtimePriorityTest {
    /** sched(7). */
    private static final int SCHED_OTHER = 0;
    private static final int SCHED_FIFO = 1;

    private final List<Boolean> asked = new ArrayList<>();
    private boolean permitted = true;
    private long nowNs = -3;
    private long cpuNs;
    private final RealtimePriority priority = new RealtimePriority(new RealtimePriority.Scheduler() {
        @Override
        public boolean setRealtime(boolean on) {
            asked.add(on);
            return permitted;
        }

        @Override
        public long cpuNs() {
            return cpuNs;
        }
    });

    private void request() {
        assertThat(priority.request(nowNs)).isEqualTo(permitted);
        asked.clear();
    }

    /** Ten cycles in a window, in which the worker has a CPU for so many per cent of the time. */
    private void window(int percent) {
        for (int cycle = 0; cycle < 10; cycle++) {
            nowNs += RealtimePriority.WINDOW_NS / 10;
            cpuNs += RealtimePriority.WINDOW_NS / 10 * percent / 100;
            priority.onCycle(nowNs);
        }
    }

    @Test
    void nobodyWhoDoesNotAskGetsIt() {
        window(50);
        assertThat(asked).isEmpty();
    }

    @Test
    void goesFirstWhileThereIsMuchToDo() {
        request();
        window(1);
        assertThat(asked).isEmpty();
        window(50);
        assertThat(asked).containsExactly(true);
        window(90);
        window(15);
        assertThat(asked).containsExactly(true);
        window(14);
        window(0);
        assertThat(asked).containsExactly(true, false);
    }

    @Test
    void aLongSleepIsLittleToDo() {
        request();
        window(50);
        nowNs += 100 * RealtimePriority.WINDOW_NS;
        priority.onCycle(nowNs);
        assertThat(asked).containsExactly(true, false);
    }

    @Test
    void isLentToOthersInAFlood() {
        request();
        window(60);
        window(100);
        assertThat(asked).containsExactly(true, false);
        long windows = RealtimePriority.PENALTY_NS / RealtimePriority.WINDOW_NS;
        for (int i = 1; i < windows; i++) {
            window(100);
        }
        assertThat(asked).containsExactly(true, false);
        window(60);
        assertThat(asked).containsExactly(true, false, true);
    }

    @Test
    void theKernelLetsAThreadGoFirst() throws Exception {
        CompletableFuture<List<Integer>> seen = new CompletableFuture<>();
        Thread thread = new Thread(() -> seen.complete(List.of(
            Devices.setRealtime(true) ? policy() : -1, Devices.setRealtime(false) ? policy() : -1)));
        thread.start();
        List<Integer> policies = seen.get();
        thread.join();
        assumeThat(policies.getFirst()).as("real-time threads are permitted").isNotNegative();
        assertThat(policies).containsExactly(SCHED_FIFO, SCHED_OTHER);
    }

    /** Of the calling thread: field 41 of proc_pid_stat(5), counted from behind the name, the second. */
    private static int policy() {
        try {
            String stat = Files.readString(Path.of("/proc/thread-self/stat"));
            return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[38]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theKernelCountsWhatAThreadHasHad() {
        long before = Devices.threadCpuNs();
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (Devices.threadCpuNs() == before) {
            assertThat(System.nanoTime()).isLessThan(deadlineNs);
        }
        assertThat(Devices.threadCpuNs() - before).isPositive();
    }

    @Test
    void whoMayNotHaveItDoesNotAskAgain() {
        permitted = false;
        request();
        window(50);
        assertThat(asked).isEmpty();
    }
}
