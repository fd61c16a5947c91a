package org.violin.control.guest;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.violin.control.os.Libc;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.GuestSpec.NicSpec;

/**
 * One guest from its first start to its removal. Thread-safe: its state is guarded by its monitor, which is never held
 * while waiting for the guest.
 */
final class Guest {
    private static final Logger LOG = LoggerFactory.getLogger(Guest.class);
    private static final Duration BOOT_TIME_MAX = Duration.ofSeconds(60);
    private static final Duration CONFIGURE_TIME_MAX = Duration.ofSeconds(30);
    private static final Duration TERM_GRACE = Duration.ofSeconds(2);
    private static final Duration KILL_GRACE = Duration.ofSeconds(10);
    private static final Duration KILL_INTERVAL = Duration.ofMillis(100);
    private static final String POWERED_OFF = "powered itself off";
    private static final String STOPPED = "stopped";
    private static final int POLL_MILLIS = 20;
    private static final int REPORT_CHARS_MAX = 4096;

    private final String network;
    private final String name;
    private final GuestDirectory directory;
    private final GuestPlatform platform;
    private final Consumer<GuestStatus> onChange;
    private final Console console;
    /** Held while the guest is given commands that change it; before the monitor. */
    private final ReentrantLock changing = new ReentrantLock();

    private GuestStatus.State state = GuestStatus.State.STOPPED;
    private String detail = "";
    private GuestRecord record;
    private AgentLine line;
    private Process child; // null: adopted, or not running
    private boolean asked; // its end was asked for
    private String endDetail = "";
    private long startedNanos;

    /** @param onChange told of each change, in order, with the guest's monitor held: must only pass it on */
    Guest(String network, String name, GuestDirectory directory, GuestPlatform platform,
        Consumer<GuestStatus> onChange) {
        this.network = network;
        this.name = name;
        this.directory = directory;
        this.platform = platform;
        this.onChange = onChange;
        this.console = new Console(directory);
    }

    String label() {
        return network + "/" + name;
    }

    Console console() {
        return console;
    }

    synchronized GuestStatus status() {
        boolean running = isRunning();
        return new GuestStatus(network, name, state, running ? record.process().pid() : 0,
            record == null ? 0 : record.startedAtMillis(), detail);
    }

    synchronized Optional<GuestSpec> spec() {
        return Optional.ofNullable(record).map(GuestRecord::spec);
    }

    synchronized boolean isRunning() {
        return state == GuestStatus.State.BOOTING || state == GuestStatus.State.READY;
    }

    synchronized void start(GuestSpec spec) {
        if (isRunning()) {
            throw new GuestException(label() + ": runs already");
        }
        GuestRecord before = directory.read();
        if (before != null && before.spec().vmm() == GuestSpec.Vmm.QEMU && before.process().isAlive()) {
            record = before; // it has come from another host, and stands still
            vmm().attend(record.plugged());
            takeOver();
            return;
        }
        Vmm vmm = Vmm.of(spec.vmm(), platform, directory);
        List<String> command = vmm.command(spec);
        killAll();
        directory.awaitDisk(KILL_GRACE);
        directory.prepare(platform.image(), spec.vmm());
        vmm.prepare();
        // Written before there is a process, so that a crash in between leaves a trace for adopt() to clean up.
        record = new GuestRecord(spec, spec.nics(), GuestProcess.NONE, System.currentTimeMillis(),
            platform.image().toString());
        directory.write(record);
        console.bound();
        line = newLine();
        try {
            child = GuestProcess.spawn(command, directory, platform);
            record = record.withProcess(GuestProcess.of(child.pid()));
            directory.write(record);
            vmm.attend(spec.nics());
        } catch (IOException | RuntimeException e) {
            line.close();
            killAll();
            throw new GuestException(label() + ": cannot start: " + e.getMessage(), e);
        }
        asked = false;
        startedNanos = System.nanoTime();
        line.open(false);
        change(GuestStatus.State.BOOTING, "waiting for its agent");
        Process started = child;
        Thread.ofVirtual().name("exit-" + label()).start(() -> awaitExit(started));
    }

    /** Takes over a guest of an earlier daemon. */
    synchronized void adopt() {
        record = directory.read();
        if (record.process().isAlive()) {
            try {
                vmm().attend(record.plugged());
            } catch (GuestException e) {
                LOG.warn("{}: {}", label(), e.getMessage());
            }
            takeOver();
            return;
        }
        killAll();
        if (!record.process().equals(GuestProcess.NONE)) {
            forgetProcess();
            change(GuestStatus.State.DEAD, withConsole("died while no daemon watched it"));
        }
    }

    /** Has a line to the agent of a guest that runs. Monitor held. */
    private void takeOver() {
        asked = false;
        startedNanos = System.nanoTime();
        line = newLine();
        line.open(true);
        change(GuestStatus.State.BOOTING, "adopted, waiting for its agent");
    }

    /** A running guest that was to go to another host does not. */
    void resume() {
        Vmm vmm;
        synchronized (this) {
            if (!isRunning()) {
                return;
            }
            vmm = vmm();
        }
        vmm.resume();
    }

    /** Applies a spec to a running guest. Throws with what the commands said when one fails. */
    void configure(GuestSpec spec) {
        AgentLine current;
        synchronized (this) {
            if (!isRunning()) {
                throw new GuestException(label() + ": not running");
            }
            if (!Guests.canChange(record.spec(), spec)) {
                throw new GuestException(label() + ": its memory and its vmm cannot change while it runs: restart it");
            }
            record = record.withSpec(spec);
            directory.write(record);
            if (state == GuestStatus.State.BOOTING) {
                return; // done when its agent answers
            }
            current = line;
        }
        String report = bringIntoLine(current, spec, Set.of());
        synchronized (this) {
            if (state == GuestStatus.State.READY && !report.equals(detail)) {
                change(state, report);
            }
        }
        if (!report.isEmpty()) {
            throw new GuestException(label() + ": " + report);
        }
    }

    /** Has vNICs connect anew. */
    void reconnect(Set<String> nics) {
        AgentLine current;
        GuestSpec spec;
        synchronized (this) {
            if (state != GuestStatus.State.READY) {
                return; // they connect when its agent answers
            }
            current = line;
            spec = record.spec();
        }
        Vmm vmm = Vmm.of(spec.vmm(), platform, directory);
        vmm.connect(spec.nics().stream().filter(nic -> nics.contains(nic.name())).toList());
        String report = bringIntoLine(current, spec, vmm.bounces() ? nics : Set.of());
        if (!report.isEmpty()) {
            throw new GuestException(label() + ": " + report);
        }
    }

    int exec(List<String> argv, ExecOutput output, BooleanSupplier cancelled) {
        AgentLine current;
        synchronized (this) {
            if (!isRunning()) {
                throw new GuestException(label() + ": not running");
            }
            current = line;
        }
        return current.run(argv, output, cancelled);
    }

    /** Powers off, then SIGTERM, then SIGKILL; returns when no process is left. */
    void stop(Duration grace) {
        AgentLine current;
        GuestProcess process;
        synchronized (this) {
            if (!isRunning()) {
                return;
            }
            expectEnd(STOPPED);
            current = line;
            process = record.process();
        }
        if (current.isReady() && answers()) {
            try {
                current.powerOff();
                awaitEnd(process, grace);
            } catch (GuestException e) {
                LOG.warn("{}: power off: {}", label(), e.getMessage());
            }
        }
        process.signalChild(Libc.SIGTERM);
        awaitEnd(process, TERM_GRACE);
        end(process);
    }

    /** One that stands still cannot be asked. */
    private boolean answers() {
        try {
            return vmm().runs();
        } catch (GuestException e) {
            LOG.warn("{}: {}", label(), e.getMessage());
            return false;
        }
    }

    void kill() {
        GuestProcess process;
        synchronized (this) {
            if (!isRunning()) {
                return;
            }
            expectEnd("killed on request");
            process = record.process();
        }
        end(process);
    }

    void remove() {
        synchronized (this) {
            if (isRunning()) {
                throw new GuestException(label() + ": still running: stop it first");
            }
        }
        killAll();
        directory.delete();
    }

    /** Now and then: sees whether an adopted guest is alive, bounds the log, tells of a boot that takes too long. */
    synchronized void watch() {
        if (!isRunning()) {
            return;
        }
        console.bound();
        if (child == null && !record.process().isAlive()) {
            onEnd("ended");
        } else if (state == GuestStatus.State.BOOTING && !line.isReady()
            && System.nanoTime() - startedNanos > BOOT_TIME_MAX.toNanos()) {
            String late = "its agent has not answered for " + BOOT_TIME_MAX.toSeconds() + " s; if the guest image is"
                + " old, scripts/build-guest-image makes a new one";
            if (!detail.startsWith(late)) {
                change(state, withConsole(late));
            }
        }
    }

    /** Lets go of a guest that goes on running. */
    synchronized void release() {
        if (line != null) {
            line.close();
        }
        child = null;
    }

    private AgentLine newLine() {
        return new AgentLine(label(), directory.file(GuestDirectory.AGENT_IN), directory.file(GuestDirectory.AGENT_OUT),
            this::onAgentReady);
    }

    /** Reader thread of the line: hands on at once, for the script needs the reader. */
    private void onAgentReady() {
        Thread.ofVirtual().name("configure-" + label()).start(this::configureReady);
    }

    private void configureReady() {
        AgentLine current;
        GuestSpec spec;
        synchronized (this) {
            if (!isRunning() || asked) {
                return;
            }
            current = line;
            spec = record.spec();
        }
        String report = bringIntoLine(current, spec, vmm().bounces()
            ? spec.nics().stream().map(NicSpec::name).collect(Collectors.toSet()) : Set.of());
        synchronized (this) {
            if (!isRunning() || asked || line != current || !current.isReady()) {
                return;
            }
            if (!spec.equals(record.spec())) {
                onAgentReady(); // another one was given in the meantime
                return;
            }
            if (state == GuestStatus.State.BOOTING) {
                LOG.info("{}: ready after {} ms", label(), (System.nanoTime() - startedNanos) / 1_000_000);
            }
            change(GuestStatus.State.READY, report);
        }
    }

    /** Returns what went wrong; empty: nothing. */
    private String bringIntoLine(AgentLine current, GuestSpec spec, Set<String> reopened) {
        changing.lock();
        try {
            plug(current, spec);
            run(current, GuestScript.build(spec, reopened));
            return "";
        } catch (GuestException e) {
            return "configuration failed: " + e.getMessage();
        } finally {
            changing.unlock();
        }
    }

    /** Has the kernel have the vNICs of a spec. A vNIC is noted as gone before and as there after it is. */
    private void plug(AgentLine current, GuestSpec spec) {
        List<NicSpec> plugged;
        synchronized (this) {
            plugged = record.plugged();
        }
        Vmm vmm = vmm();
        for (NicSpec nic : plugged) {
            if (spec.nics().stream().noneMatch(nic::isSameDevice)) {
                run(current, GuestScript.down(spec.vmm(), nic));
                vmm.remove(nic);
                note(record -> record.withoutPlugged(nic));
            }
        }
        for (NicSpec nic : spec.nics()) {
            if (plugged.stream().noneMatch(nic::isSameDevice)) {
                vmm.add(nic);
                note(record -> record.withPlugged(nic));
            }
        }
    }

    private synchronized void note(UnaryOperator<GuestRecord> change) {
        record = change.apply(record);
        directory.write(record);
    }

    private static void run(AgentLine current, List<String> command) {
        ReportOutput output = new ReportOutput(REPORT_CHARS_MAX);
        long deadline = System.nanoTime() + CONFIGURE_TIME_MAX.toNanos();
        if (current.run(command, output, () -> System.nanoTime() > deadline) != 0) {
            throw new GuestException(output.text().strip());
        }
    }

    /** A thread of its own: {@code Process.onExit} depends on the common pool, which others may have filled. */
    private void awaitExit(Process started) {
        try {
            int status = started.waitFor();
            synchronized (this) {
                if (started == child) {
                    onEnd(switch (status) {
                        case 0 -> POWERED_OFF;
                        default -> status > 128 ? "killed by signal " + (status - 128) : "ended with status " + status;
                    });
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Its main process is gone. Monitor held. */
    private void onEnd(String how) {
        if (!isRunning()) {
            return;
        }
        killAll();
        line.close(label() + ": " + (asked ? endDetail : how));
        child = null;
        forgetProcess();
        if (asked && endDetail.equals(STOPPED)) {
            change(GuestStatus.State.STOPPED, "");
        } else if (!asked && how.equals(POWERED_OFF)) {
            change(GuestStatus.State.STOPPED, how);
        } else {
            change(GuestStatus.State.DEAD, withConsole(asked ? endDetail : how));
        }
    }

    private void forgetProcess() {
        record = record.withProcess(GuestProcess.NONE);
        directory.write(record);
    }

    private void expectEnd(String how) {
        asked = true;
        endDetail = how;
    }

    /**
     * Kills the virtual machine and waits for the process that confines it, which sees it to its end. Again and again,
     * as a guest that has just been started is none yet.
     */
    private void end(GuestProcess process) {
        long deadline = System.nanoTime() + KILL_GRACE.toNanos();
        do {
            killAll();
        } while (!awaitEnd(process, KILL_INTERVAL) && System.nanoTime() < deadline);
        if (process.isAlive()) {
            process.signal(Libc.SIGKILL);
            throw new GuestException(label() + ": pid " + process.pid() + " does not end");
        }
        synchronized (this) {
            if (isRunning() && record.process().equals(process)) {
                onEnd("ended");
            }
        }
    }

    private boolean awaitEnd(GuestProcess process, Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (process.isAlive()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new GuestException(label() + ": interrupted", e);
            }
        }
        return true;
    }

    private synchronized Vmm vmm() {
        return Vmm.of(record.spec().vmm(), platform, directory);
    }

    /** Also what is left of another kind. */
    private void killAll() {
        for (GuestSpec.Vmm kind : GuestSpec.Vmm.values()) {
            GuestProcess.killAll(Vmm.of(kind, platform, directory).executable(), directory.path());
        }
    }

    private String withConsole(String how) {
        String tail = console.tail();
        return tail.isEmpty() ? how : how + "; its console's last lines:\n" + tail;
    }

    private void change(GuestStatus.State newState, String newDetail) {
        state = newState;
        detail = newDetail;
        onChange.accept(status());
    }
}
