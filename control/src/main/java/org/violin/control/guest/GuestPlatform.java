package org.violin.control.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.violin.control.os.Command;
import org.violin.control.os.Libc;

/**
 * What guests run on.
 *
 * @param kernel the UML executable
 * @param image  the root file system they share; never changed once it is there
 * @param memory a directory, best a tmpfs, that allows executable mappings: a guest's RAM is an unlinked file there
 */
public record GuestPlatform(Path kernel, Path image, Path memory) {
    private static final Path KERNEL = Path.of("/usr/bin/linux.uml");
    private static final Duration PROBE_TIME_MAX = Duration.ofSeconds(10);

    /** Throws a {@link GuestException} that names what is missing and the one command that mends it. */
    public static GuestPlatform find() {
        if (!Files.isExecutable(KERNEL)) {
            throw new GuestException(KERNEL + ": not found: guests need User-Mode-Linux; install with:"
                + " sudo apt-get install --no-install-recommends user-mode-linux");
        }
        checkConfinement();
        return new GuestPlatform(KERNEL, findImage(), findMemory());
    }

    /** Guests are confined by namespaces; without these they do not run. */
    private static void checkConfinement() {
        List<String> command = new ArrayList<>(UmlCommand.confinement(Libc.isRoot()));
        command.add("true");
        Command.Result result = Command.run(command, PROBE_TIME_MAX);
        if (result.exit() != 0) {
            throw new GuestException("guests run in a PID namespace, which this user may not make ("
                + result.said() + "); allow it with: sudo sysctl -w kernel.unprivileged_userns_clone=1"
                + " user.max_user_namespaces=10000");
        }
    }

    private static Path findImage() {
        List<Path> candidates = new ArrayList<>();
        String explicit = System.getenv("VIOLIN_GUEST_IMAGE");
        if (explicit != null && !explicit.isEmpty()) {
            candidates.add(Path.of(explicit));
        } else {
            candidates.add(Path.of(System.getProperty("user.home"), ".cache/violin/guest.img"));
            candidates.add(Path.of("/var/cache/violin/guest.img"));
        }
        for (Path candidate : candidates) {
            if (Files.isReadable(candidate)) {
                try {
                    return candidate.toRealPath();
                } catch (IOException e) {
                    throw new GuestException(candidate + ": " + e.getMessage(), e);
                }
            }
        }
        throw new GuestException("no guest image: looked for " + candidates + "; build it with:"
            + " scripts/build-guest-image");
    }

    private static Path findMemory() {
        List<Path> candidates = new ArrayList<>(List.of(Path.of("/dev/shm")));
        for (String name : List.of("XDG_RUNTIME_DIR", "TMPDIR")) {
            String value = System.getenv(name);
            if (value != null && !value.isEmpty()) {
                candidates.add(Path.of(value));
            }
        }
        candidates.add(Path.of("/tmp"));
        for (Path candidate : candidates) {
            if (Files.isDirectory(candidate) && Files.isWritable(candidate) && allowsExecution(candidate)) {
                return candidate;
            }
        }
        throw new GuestException("no directory for the guests' memory: none of " + candidates + " is writable and"
            + " mounted without noexec; mend with: sudo mount -o remount,exec /dev/shm");
    }

    private static boolean allowsExecution(Path directory) {
        try {
            Path real = directory.toRealPath();
            String options = "";
            int longest = -1;
            for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
                String[] fields = line.split(" ");
                Path mount = Path.of(fields[4]);
                if (real.startsWith(mount) && mount.getNameCount() >= longest) {
                    longest = mount.getNameCount();
                    options = fields[5];
                }
            }
            return !List.of(options.split(",")).contains("noexec");
        } catch (IOException e) {
            return false;
        }
    }
}
