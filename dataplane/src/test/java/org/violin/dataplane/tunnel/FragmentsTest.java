package org.violin.dataplane.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FragmentsTest {

    @Test
    void partsAreFewAndBalancedAndCoverTheFrame() {
        for (int maxBody : new int[] {1, 13, 516, 1400, 1456, 8956, 65_535}) {
            for (int length = 14; length <= 9022; length++) {
                int count = Fragments.count(length, maxBody);
                assertThat((count - 1) * maxBody).isLessThan(length);
                assertThat(Fragments.offset(length, count, 0)).isZero();
                assertThat(Fragments.offset(length, count, count)).isEqualTo(length);
                for (int i = 0; i < count; i++) {
                    int size = Fragments.offset(length, count, i + 1) - Fragments.offset(length, count, i);
                    if (size > maxBody || size < length / count || size > length / count + 1) {
                        throw new AssertionError("length " + length + ", part " + i + " of " + count + ": " + size);
                    }
                }
            }
        }
    }
}
