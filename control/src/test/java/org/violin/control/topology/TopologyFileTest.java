package org.violin.control.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.MulticastSpec;
import org.violin.control.spec.PacketSpec;

/** Files that are hardly topologies, and what is odd but right. */
class TopologyFileTest {
    @TempDir
    Path folder;

    private Topology load(byte[] content) throws IOException, TopologyException {
        return TopologyFile.load(Files.write(folder.resolve("net.yaml"), content));
    }

    private String error(byte[] content) throws IOException {
        try {
            load(content);
        } catch (TopologyException e) {
            assertThat(e.errors()).hasSize(1);
            return e.getMessage().replace(folder + "/", "");
        }
        throw new AssertionError("no error");
    }

    @Test
    void aFileThatCannotBeReadSaysWhy() {
        assertThatThrownBy(() -> TopologyFile.load(folder.resolve("none.yaml")))
            .isInstanceOf(TopologyException.class).hasMessage(folder + "/none.yaml: there is no such file");
        assertThatThrownBy(() -> TopologyFile.load(folder))
            .isInstanceOf(TopologyException.class).hasMessage(folder + ": cannot be read: it is a directory");
    }

    @Test
    void anEndlessFileIsRefusedByItsSize() {
        assertThatThrownBy(() -> TopologyFile.load(Path.of("/dev/zero"))).isInstanceOf(TopologyException.class)
            .hasMessage("/dev/zero: is larger than 1048576 bytes, the most a topology may have");
    }

    @Test
    void whatIsNotTextSaysWhere() throws IOException {
        assertThat(error("network: n\nhosts: \u00e4".getBytes(StandardCharsets.ISO_8859_1)))
            .isEqualTo("net.yaml:2:8: not UTF-8; save the file in UTF-8");
        assertThat(error("network: n\nhosts: \u0007".getBytes(StandardCharsets.UTF_8)))
            .isEqualTo("net.yaml:2:8: the character U+0007 may not stand in YAML; remove it");
        assertThat(error(new byte[100])).startsWith("net.yaml:1:1: the character U+0000 may not stand");
    }

    @Test
    void columnsCountCharactersAndNotBytes() throws IOException {
        assertThat(error("network: n\nhosts: {a: {netns: true}} \nnodes: {\u00e4\u00f6: {host: a, nics: []}}\n"
            .getBytes(StandardCharsets.UTF_8))).startsWith("net.yaml:3:9: node: found '\u00e4\u00f6', expected a name");
    }

    @Test
    void scalarsAreReadByYaml12() throws IOException, TopologyException {
        Topology topology = load("""
            \uFEFF%YAML 1.2
            ---
            network: on
            hosts: {no: {netns: true}, yes: {netns: True}}
            switches: {off: {host: no, ageing: 010}}
            nodes:
              null: {host: yes, memory: 0x40, nics: [{switch: off, mac: 12:10:20:30:40:50, mtu: +1500}]}
            """.getBytes(StandardCharsets.UTF_8));
        assertThat(topology.network()).isEqualTo("on");
        assertThat(topology.hosts()).extracting(Topology.Host::name).containsExactly("no", "yes");
        assertThat(topology.switches()).containsExactly(new Topology.Switch("off", "no", 8192, 10,
            MulticastSpec.DEFAULT));
        Topology.Node node = topology.nodes().getFirst();
        assertThat(node.name()).isEqualTo("null");
        assertThat(node.memoryMiB()).isEqualTo(64);
        assertThat(node.nics()).containsExactly(new Topology.Nic("off", "12:10:20:30:40:50", 1500, List.of(),
            LineSpec.NONE, null));
    }

    @Test
    void aGuestOfQemuHasMoreMemory() throws IOException, TopologyException {
        Topology.Node node = load("""
            network: n
            hosts: {a: {netns: true}}
            nodes: {v: {host: a, vmm: qemu, nics: []}}
            """.getBytes(StandardCharsets.UTF_8)).nodes().getFirst();
        assertThat(node.vmm()).isEqualTo(GuestSpec.Vmm.QEMU);
        assertThat(node.memoryMiB()).isEqualTo(128);
    }

    @Test
    void defaultsAreFilledIn() throws IOException, TopologyException {
        Topology topology = load("""
            network: n
            hosts: {a: {netns: true}}
            switches: {s: {host: a}}
            nodes: {v: {host: a, nics: [{switch: s}]}}
            taps: {t: {host: a, switch: s}}
            """.getBytes(StandardCharsets.UTF_8));
        assertThat(topology).isEqualTo(new Topology("n",
            List.of(new Topology.Host("a", null, null, 0)),
            List.of(new Topology.Switch("s", "a", 8192, 300, MulticastSpec.DEFAULT)),
            List.of(new Topology.Node("v", "a", GuestSpec.Role.HOST, 64,
                List.of(new Topology.Nic("s", null, 1500, List.of(), LineSpec.NONE, null)), List.of(), "",
                GuestSpec.Vmm.UML)),
            List.of(), List.of(), List.of(new Topology.Tap("t", "a", "s", "t", 1500, List.of(), LineSpec.NONE, null)),
            List.of(), List.of(), List.of(), List.of(), false));
    }

    @Test
    void aPacketPortIsPromiscuousWhereItsRoleNeedsIt() throws IOException, TopologyException {
        Topology topology = load("""
            network: n
            hosts: {a: {netns: true}}
            switches: {s: {host: a}}
            packets:
              p: {host: a, switch: s, interface: eth1, role: proxy, macs: [02:AA:00:00:00:01], impair: {down: true}}
              q: {host: a, switch: s, interface: eth1}
              r: {host: a, switch: s, interface: eth2, role: host, macs: [12:10:20:30:40:50], promiscuous: false}
            """.getBytes(StandardCharsets.UTF_8));
        assertThat(topology.packets()).containsExactly(
            new Topology.Packet("a", new PacketSpec("p", "eth1", "s", PacketSpec.Role.PROXY,
                List.of("02:aa:00:00:00:01"), false, false), LineSpec.NONE.withDown(true)),
            new Topology.Packet("a", new PacketSpec("q", "eth1", "s", PacketSpec.Role.ALL, List.of(), false, true),
                LineSpec.NONE),
            new Topology.Packet("a", new PacketSpec("r", "eth2", "s", PacketSpec.Role.HOST,
                List.of("12:10:20:30:40:50"), false, false), LineSpec.NONE));
    }

    @Test
    void theLargestFilesTakeSeconds() throws IOException {
        StringBuilder good = new StringBuilder("""
            network: n
            hosts: {a: {netns: true}}
            switches: {s: {host: a}}
            nodes:
            """);
        for (int i = 0; good.length() < TopologyFile.MAX_BYTES - 200; i++) {
            good.append("  v").append(i).append(": {host: a, nics: [{switch: s, addresses: [10.")
                .append(i >> 16).append('.').append(i >> 8 & 255).append('.').append(i & 255).append("/8]}]}\n");
        }
        String bad = good.toString().replace("host: a", "host: b").replace("switch:", "swich:");
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            assertThatThrownBy(() -> load(bad.getBytes(StandardCharsets.UTF_8))).isInstanceOf(TopologyException.class);
            assertThatThrownBy(() -> load(good.toString().getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(TopologyException.class).hasMessageContaining(":5:48: addresses: '10.0.0.0/8'");
        });
    }

    /** Whatever becomes of a file under a careless hand: a topology that plans, or errors with places in it. */
    @Test
    void mangledFilesGiveErrorsAndNothingElse() throws IOException {
        long seed = Long.getLong("violin.seed", System.nanoTime());
        System.out.println("Mangled topologies: -Dviolin.seed=" + seed);
        Random random = new Random(seed);
        List<byte[]> files = new ArrayList<>();
        for (Path folder : List.of(Path.of("../examples"), Path.of("src/test/resources/topology/bad"))) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.yaml")) {
                for (Path file : found) {
                    files.add(Files.readAllBytes(file));
                }
            }
        }
        for (int run = 0; run < 3000; run++) {
            byte[] content = files.get(random.nextInt(files.size()));
            for (int change = 1 + random.nextInt(4); change > 0; change--) {
                content = mangle(content, random);
            }
            try {
                PlanAssert.assertSound(Planner.plan(TopologyFile.parse("mangled.yaml", content)));
            } catch (TopologyException e) {
                int lines = (int) new String(content, StandardCharsets.ISO_8859_1).lines().count() + 1;
                assertThat(e.errors()).isNotEmpty().allSatisfy(error -> {
                    assertThat(error.line()).isBetween(1, lines);
                    assertThat(error.column()).isPositive();
                    assertThat(error.message()).doesNotContain("Exception", "\n");
                });
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", run " + run + ":\n" + new String(content), e);
            }
        }
    }

    private static byte[] mangle(byte[] content, Random random) {
        if (content.length == 0) {
            return new byte[] {'-'};
        }
        int from = random.nextInt(content.length);
        int to = Math.min(content.length, from + 1 + random.nextInt(12));
        byte[] result = content.clone();
        switch (random.nextInt(4)) {
            case 0 -> result[from] = (byte) " \t\n:,-{}[]&*!|>'\"%@`#?~/.09azA\0\u00ff".charAt(random.nextInt(32));
            case 1 -> {
                result = Arrays.copyOf(content, content.length - (to - from));
                System.arraycopy(content, to, result, from, content.length - to);
            }
            case 2 -> {
                result = Arrays.copyOf(content, content.length + to - from);
                System.arraycopy(content, from, result, to, content.length - from);
            }
            default -> {
                int other = random.nextInt(content.length - (to - from) + 1);
                System.arraycopy(content, from, result, other, to - from);
            }
        }
        return result;
    }
}
