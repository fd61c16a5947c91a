package org.violin.benchmarks.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.violin.benchmarks.lab.Programs;
import org.violin.benchmarks.report.Progress;

class BenchTest {
    private static final int USAGE = 2;
    /** The kernel allows a device's name 15 bytes; a namespace's is a file's. */
    private static final int NAME_MAX = 20;

    @Test
    void mistakesOnTheCommandLineAreNoRuns() {
        for (List<String> mistake : List.of(List.of("--rounds", "0"), List.of("--seconds", "0"), List.of("--mtu", "9"),
            List.of("--question", "a b"), List.of("--underlay", "string"), List.of("--measures", "speed"),
            List.of("--sides", "carrier-pigeon"), List.of("--profile", "carrier-pigeon"),
            List.of("--custom", "no-command"), List.of("--custom", "x="))) {
            List<String> all = new ArrayList<>(List.of("e2e"));
            all.addAll(mistake);
            assertThat(Bench.run(all.toArray(String[]::new))).as(mistake.toString()).isEqualTo(USAGE);
        }
    }

    @Test
    void pathsThatThereAreNotAreMistakes() {
        for (List<String> mistake : List.of(List.of("--loss", "101"), List.of("--loss", "x"), List.of("--rtt", "-1"),
            List.of("--burst", "0.5"), List.of("--rate", "0"), List.of("--rate", "0.0001"),
            List.of("--learn", "0"), List.of("--sides", "carrier-pigeon"), List.of("--seconds", "0"))) {
            List<String> all = new ArrayList<>(List.of("wan"));
            all.addAll(mistake);
            assertThat(Bench.run(all.toArray(String[]::new))).as(mistake.toString()).isEqualTo(USAGE);
        }
    }

    @Test
    void rowsAndTestbedsThatThereAreNotAreMistakes() {
        for (List<String> mistake : List.of(List.of("--only", "moon"), List.of("--rows", "carrier-pigeon"),
            List.of("--loss", "100"), List.of("--rate", "0"), List.of("--rtt", "-1"), List.of("--seconds", "301"),
            List.of("--rounds", "0"))) {
            List<String> all = new ArrayList<>(List.of("paper"));
            all.addAll(mistake);
            assertThat(Bench.run(all.toArray(String[]::new))).as(mistake.toString()).isEqualTo(USAGE);
        }
    }

    @Test
    void portsThatHaveNoPartnerAreMistakes() {
        for (List<String> mistake : List.of(List.of("--ports", "7"), List.of("--ports", "0"),
            List.of("--ports", "256"), List.of("--rounds", "0"))) {
            List<String> all = new ArrayList<>(List.of("migrate"));
            all.addAll(mistake);
            assertThat(Bench.run(all.toArray(String[]::new))).as(mistake.toString()).isEqualTo(USAGE);
        }
    }

    @Test
    void videosThatThereAreNotAreMistakes() {
        for (List<String> mistake : List.of(List.of("--loss", "101"), List.of("--rtt", "-1"), List.of("--rate", "0"),
            List.of("--seconds", "1"), List.of("--rounds", "0"), List.of("--sides", "carrier-pigeon"))) {
            List<String> all = new ArrayList<>(List.of("video"));
            all.addAll(mistake);
            assertThat(Bench.run(all.toArray(String[]::new))).as(mistake.toString()).isEqualTo(USAGE);
        }
    }

    @Test
    void whatThePapersCommandsHaveNotTheViolinCommandHasNeither() {
        for (List<String> mistake : List.of(List.of("--rounds", "0"), List.of("--loss", "1"))) {
            List<String> all = new ArrayList<>(List.of("violin"));
            all.addAll(mistake);
            assertThat(Bench.run(all.toArray(String[]::new))).as(mistake.toString()).isEqualTo(USAGE);
        }
    }

    @Test
    void linesThatThereAreNotAreMistakes() {
        for (List<String> mistake : List.of(List.of("--loss", "101"), List.of("--loss", "0"), List.of("--delay", "-1"),
            List.of("--delay", "61000"), List.of("--burst", "0.5"), List.of("--rate", "0"),
            List.of("--rate", "0.0001"), List.of("--rounds", "0"), List.of("--sides", "vxlan"))) {
            List<String> all = new ArrayList<>(List.of("impair"));
            all.addAll(mistake);
            assertThat(Bench.run(all.toArray(String[]::new))).as(mistake.toString()).isEqualTo(USAGE);
        }
    }

    @Test
    void everySideHasItsNameAndItsPackages() {
        List<Side> wan = Sides.wan(Path.of("/violin"));
        assertThat(wan).extracting(Side::name).doesNotHaveDuplicates().contains(Sides.VIOLIN_SEALED, Sides.VIOLIN_FEC);
        List<Side> sides = new ArrayList<>(Sides.all(Path.of("/violin")));
        assertThat(sides).extracting(Side::name).doesNotHaveDuplicates().contains("veth", "vxlan", "violin",
            "openvpn", "tinc", "n2n", "fastd", "vde", "vtun", "socat", "wireguard-go", "nebula");
        sides.addAll(wan);
        for (Side side : sides) {
            assertThat(side.name()).hasSizeLessThan(NAME_MAX).matches("[a-z0-9-]+");
            assertThat(side.packages().isEmpty()).as(side.name()).isEqualTo(side.programs().isEmpty());
        }
    }

    @Test
    void aProgramThatIsNotInstalledIsNamed() {
        Side side = new Side("x", "x", 2, "-", List.of("sh", "no-such-program"), List.of("p"), List.of(), "over0",
            pair -> { });
        assertThat(side.missingProgram()).contains("no-such-program");
        assertThat(Programs.find("sh")).isPresent();
    }

    @Test
    void aCustomSideHasANameAndACommand() {
        assertThat(Sides.custom("mine=tun {tap} a=b").name()).isEqualTo("mine");
        assertThatThrownBy(() -> Sides.custom("Mine=tun")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void timesAreReadable() {
        assertThat(List.of(0.0, 65.0, 3661.0)).extracting(Progress::clock).containsExactly("0:00", "1:05", "1:01:01");
    }
}
