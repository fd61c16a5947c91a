package org.violin.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.violin.dataplane.Allocations;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.Offload;

/** What every poller's channels do alike, with the real kernel behind them, in a network namespace of one thread. */
@ParameterizedClass
@EnumSource
class PollerContractTest extends PollerTest {
    private static final int SLOTS = 1024;
    private static final InetSocketAddress LOOPBACK = new InetSocketAddress("127.0.0.1", 0);

    @TempDir
    private Path directory;

    private final SplittableRandom random = Seeds.random("PollerContractTest");

    @Test
    void tapsCarryFramesInOrder() {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                FrameChannel[] taps = rig.taps(host);
                for (int round = 0; round < 20; round++) {
                    List<byte[]> sent = new ArrayList<>();
                    for (int i = 1 + random.nextInt(300); i > 0; i--) {
                        sent.add(PollerRig.frame(random, random.nextBoolean() ? 60 : 60 + random.nextInt(1455)));
                        rig.send(taps[0], sent.getLast());
                    }
                    PollerRig.assertFrames(rig.receive(taps[1], sent.size()), sent);
                }
                assertThat(rig.counters.dropsByLabel()).isEmpty();
                PollerRig.close(taps);
            }
            return null;
        });
    }

    @Test
    void tapsCarrySuperFramesBetweenSmallOnes() {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                FrameChannel[] taps = rig.taps(host);
                long offload = Offload.superFrame(Offload.TCP4, 1400, 34, 16);
                List<byte[]> sent = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    sent.add(i % 3 == 0
                        ? PollerRig.superFrame(random, 2000 + random.nextInt(58_000)) : PollerRig.frame(random, 60));
                    rig.send(taps[0], sent.getLast(), i % 3 == 0 ? offload : Offload.NONE);
                }
                List<PollerRig.Received> received = rig.receive(taps[1], sent.size());
                PollerRig.assertFrames(received, sent);
                for (int i = 0; i < 100; i++) {
                    assertThat(received.get(i).offload()).isEqualTo(i % 3 == 0 ? offload : Offload.NONE);
                }
                PollerRig.close(taps);
            }
            return null;
        });
    }

    @Test
    void packetSocketsCarrySuperFramesBetweenSmallOnes() {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                FrameChannel[] ends = rig.packets(host, PacketFilter.all(false), 1500);
                long offload = Offload.superFrame(Offload.TCP4, 1400, 34, 16);
                List<byte[]> sent = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    sent.add(i % 3 == 0
                        ? PollerRig.superFrame(random, 2000 + random.nextInt(58_000)) : PollerRig.frame(random, 60));
                    rig.send(ends[i % 2], sent.getLast(), i % 3 == 0 ? offload : Offload.NONE);
                    PollerRig.assertFrames(rig.receive(ends[1 - i % 2], 1), List.of(sent.getLast()));
                }
                sent.forEach(frame -> rig.send(ends[0], frame, frame.length > 60 ? offload : Offload.NONE));
                List<PollerRig.Received> received = rig.receive(ends[1], sent.size());
                PollerRig.assertFrames(received, sent);
                assertThat(received).allMatch(frame -> frame.offload() == (frame.bytes().length > 60 ? offload : 0));
                PollerRig.close(ends);
            }
            return null;
        });
    }

    @Test
    void aTapThatGoesDownComesBackAndOneThatIsDeletedEnds() {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                FrameChannel[] taps = rig.taps(host);
                rig.poller.poll(0);
                host.ip("link set tap1 down");
                rig.poller.poll(0);
                assertThat(rig.receiveSome(taps[1], new ArrayList<>())).isZero();
                host.ip("link set tap1 up");
                List<byte[]> sent = List.of(PollerRig.frame(random, 60), PollerRig.frame(random, 1514));
                sent.forEach(frame -> rig.send(taps[0], frame));
                PollerRig.assertFrames(rig.receive(taps[1], 2), sent);
                host.ip("link del tap1");
                assertThat(rig.receiveUntilClosed(taps[1])).isEmpty();
                PollerRig.close(taps);
            }
            return null;
        });
    }

    @Test
    void guestsSendAndReceiveUntilTheyHangUp() {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                FrameChannel[] ends = rig.guests(directory.resolve("port"));
                for (int round = 0; round < 50; round++) {
                    int to = round % 2;
                    List<byte[]> sent = new ArrayList<>();
                    for (int i = 1 + random.nextInt(70); i > 0; i--) {
                        sent.add(PollerRig.frame(random, 14 + random.nextInt(1500)));
                        rig.send(ends[1 - to], sent.getLast());
                    }
                    PollerRig.assertFrames(rig.receive(ends[to], sent.size()), sent);
                }
                List<byte[]> last = List.of(PollerRig.frame(random, 100), PollerRig.frame(random, 200));
                last.forEach(frame -> rig.send(ends[1], frame));
                ends[1].close();
                PollerRig.assertFrames(rig.receiveUntilClosed(ends[0]), last);
                ends[0].close();
            }
            return null;
        });
    }

    @Test
    void whatIsTooShortOrTooLongIsDroppedAndTheRestGoesOn() {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                FrameChannel[] ends = rig.guests(directory.resolve("port"));
                List<byte[]> good = new ArrayList<>();
                int[] lengths = {60, 0, 60, 1, 13, 65_535, 65_536, 100, 0, 0, 70_000, 60, 0};
                for (int length : lengths) {
                    byte[] frame = new byte[length];
                    int slot = rig.pool.claim();
                    Arrays.fill(frame, (byte) length);
                    rig.pool.storage().setMemory(rig.pool.offset(slot), length, (byte) length);
                    rig.batch.add(slot, rig.pool.offset(slot), length, Offload.NONE);
                    ends[1].send(rig.pool, rig.batch, rig.counters);
                    if (length >= 14 && length <= 65_535) {
                        good.add(frame);
                    }
                }
                PollerRig.assertFrames(rig.receive(ends[0], lengths.length), good);
                assertThat(rig.counters.dropsByLabel()).isEqualTo(
                    Map.of(DropReason.RUNT.label(), 6L, DropReason.OVERSIZED.label(), 2L));
                PollerRig.close(ends);
            }
            return null;
        });
    }

    @Test
    void datagramsComeWithSourceAndSize() {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                int[] fds = {Devices.openUdp(LOOPBACK, 1)[0], Devices.openUdp(LOOPBACK, 1)[0]};
                Endpoint[] at = new Endpoint[2];
                DatagramChannel[] channels = new DatagramChannel[2];
                for (int i = 0; i < 2; i++) {
                    at[i] = Endpoint.of(new InetSocketAddress("127.0.0.1", Devices.localPort(fds[i])));
                    channels[i] = rig.poller.udp(fds[i], () -> { });
                }
                byte[] payload = PollerRig.frame(random, 60_000);
                rig.pool.storage().putBytes(rig.pool.offset(SLOTS - 1), payload);
                int from = rig.pool.offset(SLOTS - 1);
                int[] sizes = {10, 1200, 1200, 1200, 700, 60_000, 1};
                for (int size : sizes) {
                    channels[0].addPayload(rig.pool.storage(), from, size);
                    channels[0].end(at[1], null, null);
                }
                channels[0].flush();
                List<Integer> received = new ArrayList<>();
                FrameBatch batch = new FrameBatch();
                long deadlineNs = System.nanoTime() + PollerRig.DEADLINE.toNanos();
                while (received.size() < sizes.length && System.nanoTime() < deadlineNs) {
                    rig.poller.poll(10_000_000);
                    int count = channels[1].receive(rig.pool, batch);
                    for (int i = 0; i < count; i++) {
                        assertThat(channels[1].isFrom(i, at[0])).isTrue();
                        assertThat(channels[1].isFrom(i, at[1])).isFalse();
                        assertThat(channels[1].sourceKey(i)).isEqualTo(at[0].key());
                        assertThat(channels[1].isTruncated(i)).isFalse();
                        int length = batch.lengths()[i];
                        int step = channels[1].segmentBytes(i);
                        int done = 0;
                        do {
                            int bytes = Math.min(step, length - done);
                            byte[] datagram = new byte[bytes];
                            rig.pool.storage().getBytes(batch.offsets()[i] + done, datagram);
                            assertThat(datagram).isEqualTo(Arrays.copyOf(payload, bytes));
                            received.add(bytes);
                            done += bytes;
                        } while (done < length);
                    }
                    batch.release(rig.pool);
                }
                assertThat(received).containsExactlyElementsOf(Arrays.stream(sizes).boxed().toList());
                channels[0].close();
                channels[1].close();
            }
            return null;
        });
    }

    @Test
    void anExhaustedPoolCostsFramesNothingButTime() {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, 16); PollerRig sender = new PollerRig(kind, SLOTS)) {
                Path path = directory.resolve("exhaust");
                int listener = Devices.listenUnix(path);
                FrameChannel guest = sender.poller.seqpacket(Devices.connectUnix(path), () -> { });
                FrameChannel reader = rig.poller.seqpacket(Devices.acceptUnix(listener), () -> { });
                Devices.close(listener);
                List<byte[]> sent = new ArrayList<>();
                for (int i = 0; i < 60; i++) {
                    sent.add(PollerRig.frame(random, 3000));
                    sender.send(guest, sent.getLast());
                }
                List<PollerRig.Received> received = new ArrayList<>();
                FrameBatch held = new FrameBatch();
                long deadlineNs = System.nanoTime() + PollerRig.DEADLINE.toNanos();
                while (rig.counters.drops(DropReason.NO_BUFFER) == 0 && System.nanoTime() < deadlineNs) {
                    rig.poller.poll(1_000_000);
                    reader.receive(rig.pool, rig.batch, rig.counters);
                    for (int i = 0; i < rig.batch.count(); i++) {
                        int length = rig.batch.lengths()[i];
                        byte[] bytes = new byte[length];
                        rig.pool.storage().getBytes(rig.batch.offsets()[i], bytes);
                        received.add(new PollerRig.Received(bytes, Offload.NONE));
                        held.add(rig.batch.slots()[i], rig.batch.offsets()[i], length, Offload.NONE);
                    }
                    rig.batch.clear();
                }
                assertThat(rig.pool.freeCount()).isZero();
                assertThat(rig.counters.drops(DropReason.NO_BUFFER)).isPositive();
                held.release(rig.pool);
                received.addAll(rig.receive(reader, 60 - received.size()));
                PollerRig.assertFrames(received, sent);
                reader.close();
                guest.close();
            }
            return null;
        });
    }

    @Test
    void aFloodOnOnePortLeavesTheOthersTheirTurn() {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                FrameChannel[] flooded = rig.taps(host);
                FrameChannel[] quiet = rig.guests(directory.resolve("port"));
                for (int i = 0; i < 4000; i++) {
                    rig.send(flooded[0], PollerRig.frame(random, 60));
                }
                byte[] frame = PollerRig.frame(random, 60);
                rig.send(quiet[0], frame);
                List<PollerRig.Received> fromFlood = new ArrayList<>();
                List<PollerRig.Received> fromQuiet = new ArrayList<>();
                for (int cycle = 0; cycle < 2; cycle++) {
                    rig.poller.poll(100_000_000);
                    rig.receiveSome(flooded[1], fromFlood);
                    rig.receiveSome(quiet[1], fromQuiet);
                }
                PollerRig.assertFrames(fromQuiet, List.of(frame));
                assertThat(fromFlood).hasSizeBetween(1, 2 * FrameChannel.RECEIVE_MAX);
                rig.receive(flooded[1], 4000 - fromFlood.size());
                PollerRig.close(flooded);
                PollerRig.close(quiet);
            }
            return null;
        });
    }

    @Test
    void aWaitingPollEndsByTimeoutOrWakeup() {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                FrameChannel[] ends = rig.guests(directory.resolve("port"));
                rig.poller.poll(0);
                rig.poller.poll(1_000_000);
                for (int i = 0; i < 100; i++) {
                    Thread other = new Thread(rig.poller::wakeup);
                    other.start();
                    long begin = System.nanoTime();
                    rig.poller.poll(PollerRig.DEADLINE.toNanos());
                    assertThat(System.nanoTime() - begin).isLessThan(PollerRig.DEADLINE.toNanos());
                    other.join();
                }
                rig.poller.wakeup();
                rig.poller.poll(PollerRig.DEADLINE.toNanos());
                rig.poller.poll(1_000_000);
                PollerRig.close(ends);
            }
            return null;
        });
    }

    @Test
    void aWatchedDescriptorIsToldOfUntilItIsEmpty() {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                Path path = directory.resolve("listener");
                int listener = Devices.listenUnix(path);
                int[] told = {0};
                rig.poller.watch(listener, () -> told[0]++);
                rig.poller.poll(0);
                assertThat(told[0]).isZero();
                int[] guests = {Devices.connectUnix(path), Devices.connectUnix(path), Devices.connectUnix(path)};
                for (int guest : guests) {
                    int before = told[0];
                    while (told[0] == before) {
                        rig.poller.poll(PollerRig.DEADLINE.toNanos());
                    }
                    int port = Devices.acceptUnix(listener);
                    assertThat(port).isPositive();
                    Devices.close(port);
                    Devices.close(guest);
                }
                rig.poller.poll(0);
                rig.poller.unwatch(listener);
                int last = told[0];
                Devices.close(Devices.connectUnix(path));
                rig.poller.poll(1_000_000);
                assertThat(told[0]).isEqualTo(last);
                Devices.close(listener);
                assertThatThrownBy(() -> Devices.connectUnix(path)).as("nobody holds the listener any more")
                    .isInstanceOf(KernelException.class);
            }
            return null;
        });
    }

    /** Devices, sockets, pollers: what the JVM itself opens beside is files and pipes. */
    private static long descriptors() throws Exception {
        long count = 0;
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : open.toList()) {
                count += isOurs(descriptor) ? 1 : 0;
            }
        }
        return count;
    }

    private static boolean isOurs(Path descriptor) throws IOException {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.equals("/dev/net/tun") || target.startsWith("socket:") || target.startsWith("anon_inode:");
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Frames are under way in all directions when it happens, and taken by nobody. */
    @Test
    void channelsCloseInAnyOrderAndLeaveNothing() {
        host.in(() -> {
            long before = descriptors();
            for (int round = 0; round < 12; round++) {
                try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                    List<AutoCloseable> open = new ArrayList<>();
                    FrameChannel[] taps = rig.taps(host);
                    FrameChannel[] ends = rig.guests(directory.resolve("round" + round));
                    FrameChannel[] packets = rig.packets(host, PacketFilter.all(true), 1500);
                    int udp = Devices.openUdp(LOOPBACK, 1)[0];
                    Endpoint self = Endpoint.of(new InetSocketAddress("127.0.0.1", Devices.localPort(udp)));
                    DatagramChannel datagrams = rig.poller.udp(udp, () -> { });
                    Collections.addAll(open, taps[0], taps[1], ends[0], ends[1], packets[0], packets[1], datagrams);
                    for (int cycle = round % 4; cycle > 0; cycle--) {
                        for (int i = 0; i < 100; i++) {
                            rig.send(taps[i % 2], PollerRig.frame(random, 60));
                            rig.send(ends[i % 2], PollerRig.frame(random, 60));
                            rig.send(packets[i % 2], PollerRig.frame(random, 60));
                            datagrams.addPayload(rig.pool.storage(), 0, 100);
                            datagrams.end(self, null, null);
                        }
                        datagrams.flush();
                        rig.poller.poll(0);
                    }
                    Collections.shuffle(open, new Random(random.nextLong()));
                    for (AutoCloseable channel : open) {
                        channel.close();
                        rig.poller.poll(0);
                        channel.close();
                    }
                    host.ip("link del br0", "link del p0");
                }
            }
            assertThat(descriptors()).isEqualTo(before);
            return null;
        });
    }

    @Test
    void aFrameCostsNoAllocation() {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                FrameChannel[] taps = rig.taps(host);
                FrameChannel[] ends = rig.guests(directory.resolve("port"));
                FrameChannel[] packets = rig.packets(host, PacketFilter.all(false), 1500);
                int udp = Devices.openUdp(LOOPBACK, 1)[0];
                Endpoint self = Endpoint.of(new InetSocketAddress("127.0.0.1", Devices.localPort(udp)));
                DatagramChannel datagrams = rig.poller.udp(udp, () -> { });
                byte[] frame = PollerRig.frame(random, 600);
                Runnable cycle = () -> {
                    rig.carry(taps[0], taps[1], frame);
                    rig.carry(ends[0], ends[1], frame);
                    rig.carry(packets[0], packets[1], frame);
                    for (int i = 0; i < 20; i++) {
                        datagrams.addPayload(rig.pool.storage(), 0, 500);
                        datagrams.end(self, null, null);
                    }
                    datagrams.flush();
                    rig.poller.poll(100_000_000);
                    datagrams.receive(rig.pool, rig.batch);
                    rig.batch.release(rig.pool);
                };
                assertThat(Allocations.of(5_000, cycle)).isZero();
                PollerRig.close(taps);
                PollerRig.close(ends);
                PollerRig.close(packets);
                datagrams.close();
            }
            return null;
        });
    }
}
