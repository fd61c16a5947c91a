package org.violin.control.guest;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.violin.control.TestRun;
import org.violin.control.spec.GuestSpec;

/** A guest that no daemon knows of: booted by hand in a network namespace, with a vNIC that its process plugs in. */
public final class LoneGuest implements AutoCloseable {
    private static final String NAME = "lone";
    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;

    private final GuestPlatform platform;
    private final GuestDirectory directory;
    private final Console console;
    private final Process process;

    /**
     * @param path      for its files; without symbolic links
     * @param namespace that UML runs in, by its name
     * @param nic       what {@code vec0} is: {@code transport=...}
     */
    public LoneGuest(GuestPlatform platform, Path path, String namespace, String nic) throws IOException {
        this.platform = platform;
        directory = new GuestDirectory(path);
        directory.prepare(platform.image(), GuestSpec.Vmm.UML);
        directory.prepareUml();
        console = new Console(directory);
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        command.addAll(UmlCommand.build(platform,
            new GuestSpec(NAME, GuestSpec.Role.HOST, 64, List.of(), List.of(), "")));
        command.add("vec0:" + nic);
        ProcessBuilder builder = new ProcessBuilder(command).directory(path.toFile())
            .redirectInput(new File("/dev/null")).redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("HOME", path.toString());
        builder.environment().put("TMPDIR", platform.memory().toString());
        process = builder.start();
    }

    /** Has its shell run a script, and waits until that has said so: an expression such as {@code $((40+2))} of it. */
    public void run(String script, String said) {
        TestRun.await("the guest's shell", () -> log().contains("/ #"), this::log);
        console.type(NAME, (script + "\n").getBytes(StandardCharsets.US_ASCII));
        TestRun.await(said, () -> log().contains(said), this::log);
    }

    /** All that its kernel and its shell have said. */
    public String log() {
        try {
            return Files.exists(console.log()) ? Files.readString(console.log(), StandardCharsets.ISO_8859_1) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Has it stand still for as long as {@code step} takes, as a virtual machine does at the end of its migration. */
    public void whilePaused(Runnable step) {
        GuestProcess confiner = GuestProcess.of(process.pid());
        confiner.signalChild(SIGSTOP);
        TestRun.await("the guest to stand still", () -> ProcessHandle.of(process.pid()).orElseThrow().children()
            .allMatch(child -> isStopped(child.pid())), this::log);
        try {
            step.run();
        } finally {
            confiner.signalChild(SIGCONT);
        }
    }

    private static boolean isStopped(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "stat")).contains(") T ");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As pulling the plug. */
    @Override
    public void close() {
        process.destroyForcibly();
        GuestProcess.killAll(platform.kernel(), directory.path());
    }
}
