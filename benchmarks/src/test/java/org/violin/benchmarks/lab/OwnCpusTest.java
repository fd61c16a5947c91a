package org.violin.benchmarks.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class OwnCpusTest {

    @Test
    void eachHostHasOneHalf() {
        OwnCpus cpus = of("0-2,8");
        assertThat(cpus.ofA()).containsExactly(0, 1);
        assertThat(cpus.ofB()).containsExactly(2, 8);
        assertThat(cpus.description()).isEqualTo(
            Veth.WHOLE.description() + "; all programs of a run on CPU 0,1, those of b on CPU 2,8");
    }

    @Test
    void anOddOneIsLeftIdle() {
        OwnCpus cpus = of("4,6,7");
        assertThat(cpus.ofA()).containsExactly(4);
        assertThat(cpus.ofB()).containsExactly(7);
    }

    @Test
    void oneCpuCannotBeHalved() {
        assertThatThrownBy(() -> of("5")).isInstanceOf(BenchException.class).hasMessageContaining("one CPU alone");
    }

    private static OwnCpus of(String list) {
        return OwnCpus.of(Veth.WHOLE, "Name:\tx\nCpus_allowed_list:\t" + list + "\nMems_allowed_list:\t0\n");
    }
}
