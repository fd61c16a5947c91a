package org.violin.control.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/**
 * What guests of QEMU run on, besides what all guests do.
 *
 * @param kernel      Linux
 * @param initrd      what its kernel needs to find its disk: see native/qemu/init.c
 * @param accelerator {@code tcg}, which every machine has, or {@code kvm}. Guests go live between hosts with the same
 */
record QemuPlatform(Path kernel, Path initrd, String accelerator) {
    static final Path EXECUTABLE = Path.of("/usr/bin/qemu-system-x86_64");
    static final Path IMAGES = Path.of("/usr/bin/qemu-img");
    private static final String FOLDER = "qemu";

    /** Throws a {@link GuestException} that names what is missing and the one command that mends it. */
    static QemuPlatform find() {
        for (Path program : List.of(EXECUTABLE, IMAGES)) {
            if (!Files.isExecutable(program)) {
                throw new GuestException(program + ": not found: a guest with 'vmm: qemu' needs QEMU; install with:"
                    + " sudo apt-get install --no-install-recommends qemu-system-x86 qemu-utils");
            }
        }
        String accelerator = System.getenv().getOrDefault("VIOLIN_QEMU_ACCEL", "tcg");
        if (!List.of("tcg", "kvm").contains(accelerator)) {
            throw new GuestException("VIOLIN_QEMU_ACCEL is '" + accelerator + "': tcg or kvm");
        }
        List<Path> candidates = List.of(Path.of(System.getProperty("user.home"), ".cache/violin", FOLDER),
            Path.of("/var/cache/violin", FOLDER));
        for (Path candidate : candidates) {
            if (Files.isReadable(candidate.resolve("vmlinuz")) && Files.isReadable(candidate.resolve("initrd"))) {
                try {
                    Path real = candidate.toRealPath();
                    return new QemuPlatform(real.resolve("vmlinuz"), real.resolve("initrd"), accelerator);
                } catch (IOException e) {
                    throw new GuestException(candidate + ": " + e.getMessage(), e);
                }
            }
        }
        throw new GuestException("no kernel for QEMU: looked for " + candidates + "; build it with:"
            + " scripts/build-qemu-kernel");
    }

    /** What two hosts have alike if a guest is to go live from one to the other: SHA-256, and the accelerator. */
    String likeness() throws IOException {
        MessageDigest digest = DiskStream.sha256();
        digest.update(Files.readAllBytes(kernel));
        digest.update(Files.readAllBytes(initrd));
        return HexFormat.of().formatHex(digest.digest()) + " " + accelerator;
    }
}
