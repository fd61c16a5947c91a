package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.TestRun;
import org.violin.control.os.Command;

/** {@code scripts/violin}: what it finds, what it says when it does not, and the class archive it keeps. */
class LauncherIT {
    @TempDir
    private static Path directory;
    private static Path cache;
    private static Product product;

    /** The archive is kept in a cache of the test's own; root's would be the machine's. */
    @BeforeAll
    static void dropRoot() throws Exception {
        cache = Files.createDirectory(directory.resolve("cache"));
        Files.createDirectory(directory.resolve("home"));
        if (Files.getOwner(directory).getName().equals("root")) {
            for (Path path : List.of(directory, cache, directory.resolve("home"))) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
            }
            product = new Product(directory, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
        } else {
            product = new Product(directory);
        }
        product.with("XDG_CACHE_HOME", cache.toString());
        assumeTrue(product.run("version").exit() == 0, "an ordinary user cannot read " + Product.ROOT);
    }

    /** Every test begins with an archive. */
    @BeforeEach
    void train() throws Exception {
        product.with("XDG_CACHE_HOME", cache.toString());
        if (archives().isEmpty()) {
            product.run("version");
        }
    }

    private static List<Path> archives() throws Exception {
        try (Stream<Path> files = Files.walk(cache)) {
            return files.filter(file -> file.toString().endsWith(".jsa")).toList();
        }
    }

    @Test
    void theFirstCommandLeavesAnArchiveForTheOthers() throws Exception {
        assertThat(archives()).hasSize(1);
        Path archive = archives().getFirst();
        var written = Files.getLastModifiedTime(archive);
        Product.Result second = product.run("status");
        assertThat(second.exit()).as(second.all()).isZero();
        assertThat(second.err()).isEmpty();
        assertThat(Files.getLastModifiedTime(archive)).isEqualTo(written);
    }

    @Test
    void aDamagedArchiveDoesNoHarm() throws Exception {
        Path archive = archives().getFirst();
        Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.writeString(archive, "not an archive");
        Product.Result result = product.run("version");
        assertThat(result.exit()).as(result.all()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).startsWith("violin ").hasLineCount(1);
        Files.delete(archive);
    }

    @Test
    void manyMayStartAtOnceWithoutAnArchive() throws Exception {
        Files.delete(archives().getFirst());
        List<Product.Running> commands = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            commands.add(product.start("version"));
        }
        for (Product.Running command : commands) {
            Product.Result result = command.await();
            assertThat(result.exit()).as(result.all()).isZero();
            assertThat(result.err()).isEmpty();
        }
        assertThat(archives()).hasSize(1);
        assertThat(product.run("version").out()).startsWith("violin ");
    }

    @Test
    void aCacheThatCannotBeWrittenDoesNoHarm() {
        product.with("XDG_CACHE_HOME", "/proc/nonexistent");
        Product.Result result = product.run("version");
        assertThat(result.exit()).as(result.all()).isZero();
        assertThat(result.err()).isEmpty();
    }

    /** Root's cache is the machine's, so an ordinary user tries it, whose tunnels fail only after a good start. */
    @Test
    void aTunnelHasItsCacheMadeForLaterOnesAndADamagedOneDoesNoHarm() throws Exception {
        Product.Result trained = product.run("train");
        assumeTrue(trained.exit() == 0, "an ordinary user cannot make a namespace with a TAP: " + trained.err());
        Files.delete(caches().getFirst());
        Product.Result without = product.run("tunnel", "--nonsense");
        assertThat(without.exit()).as(without.all()).isEqualTo(Exit.USAGE);
        TestRun.await("the cache", () -> !caches().isEmpty());
        List<Path> caches = caches();
        assertThat(caches).hasSize(1);
        var written = Files.getLastModifiedTime(caches.getFirst());
        assertThat(product.run("train").exit()).isZero();
        assertThat(caches()).isEqualTo(caches);
        assertThat(Files.getLastModifiedTime(caches.getFirst())).isEqualTo(written);
        assertThat(product.run("tunnel", "--nonsense")).isEqualTo(without);

        Files.setPosixFilePermissions(caches.getFirst(), PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.writeString(caches.getFirst(), "not a cache");
        assertThat(product.run("tunnel", "--nonsense")).isEqualTo(without);
        Files.delete(caches.getFirst());
    }

    private static List<Path> caches() {
        try (Stream<Path> files = Files.walk(cache)) {
            return files.filter(file -> file.toString().endsWith(".aot")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void saysHowToBuildWhatIsNotBuilt() throws Exception {
        Path scripts = Files.createDirectory(directory.resolve("scripts"));
        Files.copy(Product.LAUNCHER, scripts.resolve("violin"));
        Command.Result result = Command.run(List.of("bash", scripts.resolve("violin").toString(), "status"),
            Duration.ofSeconds(10));
        assertThat(result.exit()).isEqualTo(Exit.FAILED);
        assertThat(result.said()).contains("not built").contains(directory + "/scripts/setup").hasLineCount(1);
    }

    @Test
    void saysHowToInstallAMissingJdk() {
        assumeTrue(Command.run(List.of("unshare", "-m", "true"), Duration.ofSeconds(5)).exit() == 0,
            "hiding the machine's JDKs needs root");
        Command.Result result = Command.run(List.of("env", "-u", "JAVA_HOME", "PATH=/usr/bin:/bin", "unshare", "-m",
            "bash", "-c", "mount -t tmpfs none /usr/lib/jvm && exec \"$0\" status", Product.LAUNCHER.toString()),
            Duration.ofSeconds(10));
        assertThat(result.exit()).isEqualTo(Exit.FAILED);
        assertThat(result.said()).contains("no JDK 25").contains("scripts/setup").hasLineCount(1);
    }

    /** It can: others may have the processor for a while. */
    @Test
    void answersWithinASecond() {
        TestRun.await("an answer within a second", () -> {
            long start = System.nanoTime();
            product.run("status");
            return System.nanoTime() - start < Duration.ofSeconds(1).toNanos();
        });
    }
}
