package org.violin.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.wire.ParityCodec;
import org.violin.dataplane.wire.TunnelCodec;

/** The library's code, held to the plainest arithmetic there is: bit by bit in GF(2^8). */
class FecCodeTest {
    private static final int STRIDE = 2048;

    private final SplittableRandom random = Seeds.random("FecCodeTest");
    private final OffHeap memory = OffHeap.map(256 * STRIDE);
    private final UnsafeBuffer storage = memory.buffer();
    private final FecSolver solver = new FecSolver();

    @AfterEach
    void close() {
        solver.close();
        memory.close();
    }

    private static int times(int a, int b) {
        int product = 0;
        for (int bit = 0; bit < 8; bit++) {
            product ^= (b >> bit & 1) == 0 ? 0 : a << bit;
        }
        for (int bit = 14; bit >= 8; bit--) {
            product ^= (product >> bit & 1) == 0 ? 0 : 0x11D << bit - 8;
        }
        return product;
    }

    private static int inverse(int a) {
        for (int b = 1; b < 256; b++) {
            if (times(a, b) == 1) {
                return b;
            }
        }
        throw new AssertionError("no inverse of " + a);
    }

    /** As the specification has it: the datagram's first byte, 0, the length, and what is behind the header. */
    private static byte[] symbol(byte[] datagram, int bytes) {
        byte[] symbol = Arrays.copyOf(Arrays.copyOfRange(datagram, ParityCodec.SYMBOL, datagram.length), bytes);
        int length = datagram.length - ParityCodec.SYMBOL;
        symbol[0] = datagram[0];
        symbol[1] = 0;
        symbol[2] = (byte) (length >>> 8);
        symbol[3] = (byte) length;
        return symbol;
    }

    private static byte[] parity(List<byte[]> symbols, int row) {
        byte[] parity = new byte[symbols.getFirst().length];
        for (int member = 0; member < symbols.size(); member++) {
            int coefficient = inverse((64 + row) ^ member);
            for (int i = 0; i < parity.length; i++) {
                parity[i] ^= (byte) times(coefficient, symbols.get(member)[i] & 0xFF);
            }
        }
        return parity;
    }

    private byte[] datagram(long counter, int bytes) {
        byte[] datagram = new byte[bytes];
        random.nextBytes(datagram);
        TunnelCodec.writeHeader(new UnsafeBuffer(datagram), 0, TunnelCodec.TYPE_DATA, 7, counter);
        return datagram;
    }

    @Test
    void parityIsTheReferencesAndDatagramsStayAsTheyAre() {
        try (FecEncoder encoder = new FecEncoder(ParityCodec.SYMBOL + ParityCodec.SYMBOL_MAX_BYTES)) {
            for (int round = 0; round < 300; round++) {
                int members = 1 + random.nextInt(20);
                int rows = 1 + random.nextInt(6);
                encoder.shape(members, rows, 1);
                long first = random.nextLong(1L << 62);
                List<byte[]> datagrams = new ArrayList<>();
                long counter = first;
                int[] deltas = new int[members - 1];
                for (int i = 0; i < members; i++) {
                    byte[] datagram = datagram(counter, 17 + random.nextInt(1500));
                    datagrams.add(datagram);
                    storage.putBytes(0, datagram);
                    encoder.add(storage, 0, datagram.length);
                    byte[] after = new byte[datagram.length];
                    storage.getBytes(0, after);
                    assertThat(after).isEqualTo(datagram);
                    if (i < members - 1) {
                        deltas[i] = 1 + random.nextInt(15);
                        counter += deltas[i];
                    }
                }
                int block = fullBlock(encoder);
                assertThat(encoder.members(block)).isEqualTo(members);
                assertThat(encoder.rows(block)).isEqualTo(rows);
                assertThat(encoder.first(block)).isEqualTo(first);
                byte[] written = new byte[members - 1];
                encoder.getDeltas(block, new UnsafeBuffer(written), 0);
                for (int i = 0; i < deltas.length; i++) {
                    assertThat((int) written[i]).isEqualTo(deltas[i]);
                }
                int bytes = datagrams.stream().mapToInt(d -> d.length).max().orElseThrow() - ParityCodec.SYMBOL;
                assertThat(encoder.symbolBytes(block)).isEqualTo(bytes);
                List<byte[]> symbols = datagrams.stream().map(datagram -> symbol(datagram, bytes)).toList();
                for (int row = 0; row < rows; row++) {
                    byte[] parity = new byte[bytes];
                    encoder.parity().getBytes(encoder.parityOffset(block, row), parity);
                    assertThat(parity).as("row %d of %d members", row, members).isEqualTo(parity(symbols, row));
                }
                encoder.free(block);
            }
            assertThat(encoder.unprotected()).isZero();
        }
    }

    private static int fullBlock(FecEncoder encoder) {
        for (int block = 0; block < encoder.blocks(); block++) {
            if (encoder.members(block) > 0) {
                return block;
            }
        }
        throw new AssertionError("no block");
    }

    @Test
    void everyPatternOfLossIsBroughtBackThatCanBe() {
        for (int members = 1; members <= 6; members++) {
            for (int rows = 1; rows <= 4; rows++) {
                for (int lost = 1; lost < 1 << members; lost++) {
                    for (int kept = 0; kept < 1 << rows; kept++) {
                        if (Integer.bitCount(kept) == Integer.bitCount(lost)) {
                            checkSolved(members, lost, kept, 5 + random.nextInt(200));
                        }
                    }
                }
            }
        }
    }

    @Test
    void theLargestBlockIsBroughtBack() {
        for (int i = 0; i < 20; i++) {
            long lost = 0;
            while (Long.bitCount(lost) < 16) {
                lost |= 1L << random.nextInt(64);
            }
            checkSolved(64, lost, 0xFFFF, 1400);
        }
    }

    private void checkSolved(int members, long lost, int keptRows, int bytes) {
        List<byte[]> symbols = new ArrayList<>();
        int padded = FecEncoder.padded(bytes);
        solver.begin(members);
        for (int member = 0; member < members; member++) {
            byte[] symbol = new byte[padded];
            random.nextBytes(symbol);
            Arrays.fill(symbol, bytes, padded, (byte) 0);
            symbols.add(symbol);
            if ((lost >>> member & 1) == 0) {
                storage.putBytes(member * STRIDE, symbol);
                solver.addMember(member, storage, member * STRIDE);
            } else {
                solver.addTarget(storage, member * STRIDE);
            }
        }
        for (int row = 0; row < 16; row++) {
            if ((keptRows >>> row & 1) != 0) {
                storage.putBytes((64 + row) * STRIDE, parity(symbols, row));
                solver.addParity(row, storage, (64 + row) * STRIDE);
            }
        }
        assertThat(solver.solve(padded)).isTrue();
        for (int member = 0; member < members; member++) {
            byte[] solved = new byte[padded];
            storage.getBytes(member * STRIDE, solved);
            assertThat(solved).as("member %d, lost %x, rows %x", member, lost, keptRows).isEqualTo(symbols.get(member));
        }
    }

    @Test
    void tooLittleOrTooMuchIsRefused() {
        solver.begin(3);
        solver.addMember(0, storage, 0);
        solver.addTarget(storage, STRIDE);
        solver.addParity(0, storage, 2 * STRIDE);
        assertThat(solver.solve(64)).as("two missing, one row").isFalse();
        solver.begin(3);
        for (int i = 0; i < 3; i++) {
            solver.addMember(i, storage, 0);
        }
        solver.addTarget(storage, STRIDE);
        solver.addParity(0, storage, 2 * STRIDE);
        assertThat(solver.solve(64)).as("nothing missing").isFalse();
    }

    /** Blocks that nobody frees hold up nothing but their own protection. */
    @Test
    void withoutAFreeBlockDatagramsGoUnprotected() {
        try (FecEncoder encoder = new FecEncoder(1500)) {
            encoder.shape(2, 1, 4);
            for (int i = 0; i < 200; i++) {
                storage.putBytes(0, datagram(i, 100));
                encoder.add(storage, 0, 100);
            }
            assertThat(encoder.unprotected()).isEqualTo(200 - 2 * encoder.blocks());
            assertThat(encoder.first(0)).isZero();
            byte[] delta = new byte[1];
            encoder.getDeltas(0, new UnsafeBuffer(delta), 0);
            assertThat(delta[0]).as("every fourth is one of the same block").isEqualTo((byte) 4);
            for (int block = 0; block < encoder.blocks(); block++) {
                assertThat(encoder.isFull(block)).isTrue();
                encoder.free(block);
            }
            assertThat(encoder.hasMembers()).isFalse();
            storage.putBytes(0, datagram(1000, 100));
            encoder.add(storage, 0, 100);
            assertThat(encoder.hasMembers()).isTrue();
            assertThat(storage.getLong(TunnelCodec.COUNTER, ByteOrder.BIG_ENDIAN)).isEqualTo(1000);
        }
    }
}
