package org.violin.control.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.TunnelSpec;

class JournalTest {
    private static final RandomSpecs SPECS = new RandomSpecs(1);

    @TempDir
    private Path directory;

    private Path file() {
        return directory.resolve("journal.ndjson");
    }

    private static NetworkSpec named(String network) {
        NetworkSpec spec = SPECS.next();
        while (spec.guests().size() < 2) {
            spec = SPECS.next();
        }
        return new NetworkSpec(network, spec.host(), spec.bridges(), spec.tunnels(), spec.links(), spec.guests(),
            spec.taps(), spec.impairments(), spec.jetways(), spec.packets(), spec.udpPorts(), spec.guards(),
            spec.portSecurity());
    }

    private Map<String, Journal.Wanted> reopened() {
        try (Journal journal = Journal.open(file())) {
            return journal.networks();
        }
    }

    @Test
    void whatIsWantedSurvives() {
        NetworkSpec first = named("n1");
        NetworkSpec second = named("n2");
        String guest = first.guests().getFirst().name();
        try (Journal journal = Journal.open(file())) {
            assertThat(journal.networks()).isEmpty();
            journal.want(named("n1"));
            journal.want(second);
            journal.want(first);
            journal.guest("n1", guest, false);
            journal.guest("n1", first.guests().getLast().name(), false);
            journal.guest("n1", first.guests().getLast().name(), true);
            journal.want(named("n3"));
            journal.forget("n3");
        }
        Map<String, Journal.Wanted> networks = reopened();
        assertThat(networks.keySet()).containsExactly("n1", "n2");
        assertThat(networks.get("n1")).isEqualTo(new Journal.Wanted(first, Set.of(guest), Map.of()));
        assertThat(reopened()).isEqualTo(networks);
    }

    /** Whatever the specification is after it, and no longer than there is the guest. */
    @Test
    void whoIsLeavingIsKnownFromOneEntryToTheNext() {
        NetworkSpec spec = named("n1");
        String guest = spec.guests().getFirst().name();
        try (Journal journal = Journal.open(file())) {
            journal.want(spec, Map.of(guest, "b"));
            journal.guest("n1", guest, false);
        }
        assertThat(reopened().get("n1")).isEqualTo(new Journal.Wanted(spec, Set.of(guest), Map.of(guest, "b")));
        assertThat(reopened().get("n1").leaving()).as("after it was compacted").containsEntry(guest, "b");
        try (Journal journal = Journal.open(file())) {
            journal.want(spec.toBuilder().guests(List.of()).build(), Map.of(guest, "b"));
        }
        assertThat(reopened().get("n1").leaving()).isEmpty();
        try (Journal journal = Journal.open(file())) {
            journal.want(spec);
        }
        assertThat(reopened().get("n1").leaving()).isEmpty();
    }

    @Test
    void openingLeavesOnlyThePresentState() throws IOException {
        NetworkSpec spec = named("n1");
        try (Journal journal = Journal.open(file())) {
            for (int i = 0; i < 50; i++) {
                journal.want(named("n1"));
            }
            journal.want(spec);
            journal.guest("n1", spec.guests().getFirst().name(), false);
        }
        Map<String, Journal.Wanted> networks = reopened();
        assertThat(Files.readAllLines(file())).hasSize(3);
        assertThat(directory.resolve("journal.ndjson.new")).doesNotExist();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file()))).isEqualTo("rw-------");
        assertThat(reopened()).isEqualTo(networks);
    }

    @Test
    void aCompactionCutShortChangesNothing() throws IOException {
        try (Journal journal = Journal.open(file())) {
            journal.want(named("n1"));
        }
        Files.writeString(directory.resolve("journal.ndjson.new"), "half a l");
        assertThat(reopened()).containsOnlyKeys("n1");
    }

    @Test
    void aLineThatACrashToreIsDroppedWhereverItWasTorn() throws IOException {
        try (Journal journal = Journal.open(file())) {
            journal.want(named("n1"));
            journal.want(named("n2"));
        }
        byte[] whole = Files.readAllBytes(file());
        int lastLine = new String(whole, StandardCharsets.UTF_8).lastIndexOf('\n', whole.length - 2) + 1;
        for (int length = lastLine; length < whole.length - 1; length += 7) {
            Files.write(file(), Arrays.copyOf(whole, length));
            assertThat(reopened()).as("cut at %d of %d", length, whole.length).containsOnlyKeys("n1");
        }
        Files.write(file(), Arrays.copyOf(whole, whole.length - 1));
        assertThat(reopened()).as("only the newline is missing").containsOnlyKeys("n1", "n2");
        byte[] zeros = Arrays.copyOf(whole, whole.length + 4096);
        Files.write(file(), zeros);
        assertThat(reopened()).as("blocks that were never filled").containsOnlyKeys("n1", "n2");
    }

    @Test
    void anEntryAfterATornLineIsReadAgain() throws IOException {
        try (Journal journal = Journal.open(file())) {
            journal.want(named("n1"));
        }
        Files.writeString(file(), "{\"sum\":\"0000", StandardOpenOption.APPEND);
        try (Journal journal = Journal.open(file())) {
            journal.want(named("n2"));
        }
        assertThat(reopened()).containsOnlyKeys("n1", "n2");
    }

    @Test
    void damageAnywhereElseIsRefused() throws IOException {
        try (Journal journal = Journal.open(file())) {
            journal.want(named("n1"));
            journal.want(named("n2"));
            journal.want(named("n3"));
        }
        List<String> lines = Files.readAllLines(file());
        byte[] whole = Files.readAllBytes(file());
        for (int line = 0; line < lines.size() - 1; line++) {
            byte[] flipped = whole.clone();
            int start = String.join("\n", lines.subList(0, line)).length() + (line == 0 ? 0 : 1);
            flipped[start + lines.get(line).length() / 2] ^= 1;
            Files.write(file(), flipped);
            assertThatThrownBy(() -> Journal.open(file())).isInstanceOf(HostException.class)
                .hasMessageContaining(file().toString()).hasMessageContaining("line " + (line + 1) + " is damaged")
                .hasMessageContaining("move the file away");
            assertThat(Files.readAllBytes(file())).as("untouched").isEqualTo(flipped);
        }
        Files.write(file(), List.of(lines.get(0), lines.get(1), lines.get(3)));
        assertThatThrownBy(() -> Journal.open(file())).isInstanceOf(HostException.class)
            .hasMessageContaining("entry 2 is missing before it");
    }

    private static String line(String entry) {
        CRC32C sum = new CRC32C();
        sum.update(entry.getBytes(StandardCharsets.UTF_8));
        return String.format("{\"sum\":\"%08x\",\"entry\":%s}%n", sum.getValue(), entry);
    }

    /**
     * As the first version wrote it: without impairments, protection and transport of tunnels, what fits them, and
     * multicast of switches.
     */
    @Test
    void anEntryFromBeforeLinkEmulationIsRead() throws IOException {
        String want = "{'sequence':1,'change':'WANT','network':'n1','spec':{'network':'n1','host':'a',"
            + "'bridges':[{'name':'s','kind':'SWITCH','macCapacity':64,'ageingSeconds':300}],"
            + "'tunnels':[{'peer':'b','remote':'10.0.0.2:7000','pathMtu':0}],"
            + "'links':[{'name':'l','bridge':'s','peer':'b','linkId':1}],'guests':[],'taps':[]}}";
        Files.writeString(file(), line("{\"sequence\":0,\"change\":\"FORMAT\",\"format\":1}")
            + line(want.replace('\'', '"')));
        NetworkSpec expected = new NetworkSpec.Builder("n1", "a").bridges(List.of(BridgeSpec.lan("s", 64, 300)))
            .tunnels(List.of(new TunnelSpec("b", "10.0.0.2:7000", 0, FecSpec.OFF, Transport.UDP, null)))
            .links(List.of(new LinkSpec("l", "s", "b", 1, FitSpec.NONE))).build();
        assertThat(reopened().get("n1").spec()).isEqualTo(expected);
        assertThat(Files.readString(file())).contains("\"impairments\":[]", "\"jetways\":[]", "\"packets\":[]",
            "\"udpPorts\":[]", "\"fec\":\"off\"", "\"transport\":\"udp\"", "\"multicast\":{\"snooping\":true",
            "\"guards\":[]", "\"portSecurity\":false");
        assertThat(reopened().get("n1").spec()).isEqualTo(expected);
    }

    @Test
    void anotherFormatIsRefused() throws IOException {
        Files.writeString(file(), line("{\"sequence\":0,\"change\":\"FORMAT\",\"format\":99}"));
        assertThatThrownBy(() -> Journal.open(file())).isInstanceOf(HostException.class)
            .hasMessageContaining("format 99, this version of Violin reads format 1");
    }

    @Test
    void aPlaceThatCannotBeWrittenIsNamed() {
        assertThatThrownBy(() -> Journal.open(Path.of("/proc/journal.ndjson"))).isInstanceOf(HostException.class)
            .hasMessageContaining("/proc/journal.ndjson");
    }
}
