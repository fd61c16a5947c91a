package org.violin.benchmarks.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.violin.benchmarks.profile.Frame.Kind;

class PerfScriptTest {

    @Test
    void aRecordingIsReadWhole() throws Exception {
        List<Sample> samples = Recordings.tunnel();
        assertThat(samples).hasSizeGreaterThan(5).allMatch(sample -> !sample.stack().isEmpty());
        assertThat(samples).flatExtracting(Sample::stack).extracting(Frame::kind)
            .contains(Kind.JAVA, Kind.NATIVE, Kind.KERNEL);
        assertThat(samples).extracting(Sample::thread).contains("swapper", "iperf3");
        assertThat(samples).filteredOn(Sample::isIdle).isNotEmpty().allMatch(sample -> sample.pid() == 0);
    }

    @Test
    void symbolsMayHaveBlanksAndBrackets() throws Exception {
        List<Sample> samples = read("""
            C2 Compiler Th  100/101 \s
            \t    7f0000000001 [unknown] (/tmp/libviolin123456789.so (deleted))
            \t    7f0000000002 long a.b.C$D.e(int, long[]) (/tmp/perf-100.map)
            \t    7f0000000003 StubRoutines (initial stubs) (/tmp/perf-100.map)
            \t    7f0000000004 [unknown] ([unknown])

            :-1 1/1\s
            \tffffffff81000001 tun_get_user ([tun])
            """);
        assertThat(samples).containsExactly(
            new Sample("C2 Compiler Th", 100, List.of(new Frame("[unknown]", Kind.NATIVE),
                new Frame("StubRoutines (initial stubs)", Kind.JAVA), new Frame("a.b.C$D.e", Kind.JAVA),
                new Frame("[libviolin.so]", Kind.NATIVE))),
            new Sample(":-1", 1, List.of(new Frame("tun_get_user", Kind.KERNEL))));
    }

    @Test
    void aSampleMayHaveNoStack() throws Exception {
        assertThat(read("java 1/2 \n\njava 1/3 \n\n")).hasSize(2).allMatch(sample -> sample.stack().isEmpty());
        assertThat(read("")).isEmpty();
    }

    private static List<Sample> read(String text) throws Exception {
        List<Sample> samples = new ArrayList<>();
        PerfScript.read(new BufferedReader(new StringReader(text)), samples::add);
        return samples;
    }
}
