package org.violin.control.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.client.NetworkRecord.Host;
import org.violin.control.client.NetworkRecord.Kind;

class RegistryTest {
    private static final Host A = new Host("a", Kind.NETNS, "198.18.0.1:7000", "/v/hosts/n.a", "/v/hosts/n.a/api.sock");
    private static final Host B = new Host("b", Kind.DAEMON, "192.0.2.1:7000", null, "/b/api.sock");

    @TempDir
    private Path directory;
    private Registry registry;

    @BeforeEach
    void open() {
        registry = new Registry(new Home(directory.resolve("home")));
    }

    @Test
    void isEmptyBeforeAnythingIsWritten() {
        assertThat(registry.networks()).isEmpty();
        assertThat(registry.find("n")).isEmpty();
        registry.remove("n");
    }

    @Test
    void keepsWhatIsWrittenUntilItIsRemoved() throws Exception {
        NetworkRecord record = new NetworkRecord("n", "/t.yaml", "2026-01-01T00:00:00Z", List.of(A, B));
        registry.write(record);
        registry.write(record.withHosts(List.of(B)));
        assertThat(registry.find("n")).contains(record.withHosts(List.of(B)));
        assertThat(registry.networks()).hasSize(1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(registry.home().networks())))
            .isEqualTo("rwx------");
        registry.remove("n");
        assertThat(registry.names()).isEmpty();
    }

    @Test
    void anEntryThatWasNeverWrittenHasANameOnly() throws Exception {
        Files.createDirectories(registry.home().networks().resolve("n"));
        assertThat(registry.names()).containsExactly("n");
        assertThat(registry.networks()).isEmpty();
    }

    @Test
    void aDamagedEntryIsNamed() throws Exception {
        Path file = Files.createDirectories(registry.home().networks().resolve("n")).resolve("network.json");
        Files.writeString(file, "{");
        assertThatThrownBy(() -> registry.networks()).hasMessageContaining(file.toString());
    }

    @Test
    void oneCommandAtATimeChangesANetwork() {
        try (Registry.Lock held = registry.lock("n")) {
            assertThat(held).isNotNull();
            assertThatThrownBy(() -> registry.lock("n")).isInstanceOf(ClientException.class)
                .hasMessageContaining("network n: another violin command is changing it");
            registry.lock("other").close();
        }
        registry.lock("n").close();
    }

    @Test
    void anotherProcessIsNamedByItsPid() throws Exception {
        Path file = Home.makePrivate(registry.home().locks()).resolve("n");
        Files.writeString(file, "4711");
        Process holder = new ProcessBuilder("python3", "-c", "import fcntl,sys\nf=open(sys.argv[1],'r+')\n"
            + "fcntl.lockf(f,fcntl.LOCK_EX)\nprint('held',flush=True)\nsys.stdin.read()", file.toString()).start();
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("held");
            assertThatThrownBy(() -> registry.lock("n")).hasMessageContaining("(pid 4711)");
        } finally {
            holder.getOutputStream().close();
            holder.waitFor();
        }
    }

    @Test
    void aUnionKeepsHostsThatAreToBeRemoved() {
        NetworkRecord record = new NetworkRecord("n", "/t.yaml", "", List.of(A, B));
        Host moved = B.withStateDir("/b");
        assertThat(record.union(List.of(moved)).hosts()).containsExactly(moved, A);
    }

    @Test
    void homeFollowsTheUserUnlessItIsGiven() {
        assertThat(Home.find(Map.of(), 0, "/root").base()).hasToString("/var/lib/violin");
        assertThat(Home.find(Map.of(), 1000, "/home/u").base()).hasToString("/home/u/.local/state/violin");
        assertThat(Home.find(Map.of("VIOLIN_HOME", "/x/../y"), 0, "/root").base()).hasToString("/y");
        assertThat(Home.find(Map.of("VIOLIN_HOME", ""), 0, "/root").stateDirectory("d"))
            .hasToString("/var/lib/violin/hosts/d");
    }
}
