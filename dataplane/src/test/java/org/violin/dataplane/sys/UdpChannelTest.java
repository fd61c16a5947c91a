package org.violin.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.memory.FrameBatch;

/** A UDP socket whose kernel does not cut, which is found out by its refusal. */
class UdpChannelTest {
    private static final int SLOTS = 64;
    private static final int[] SIZES = {1200, 1200, 400};
    private static final int PR_SET_SECCOMP = 22;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int SECCOMP_MODE_FILTER = 2;
    private static final int SENDMMSG = 307;

    static {
        Native.register("c");
    }

    private static native int prctl(int option, long argument, Pointer pointer, long third, long fourth)
        throws LastErrorException;

    @Test
    void whatTheKernelWillNotCutGoesOneByOneAndTheChannelSaysSo() throws Exception {
        try (PollerRig rig = new PollerRig(PollerTest.Kind.EPOLL, SLOTS)) {
            try (PollerRig.Sockets sockets = rig.sockets()) {
                DatagramChannel sender = sockets.sender();
                DatagramChannel receiver = sockets.receiver();
                assertThat(sender.offloads()).isEqualTo("gso gro");
                inThreadWithoutSendmmsg(() -> send(rig, sender, sockets.peer()));
                assertThat(sender.status(0)).isZero();
                assertThat(sender.offloads()).isEqualTo("gro");
                assertThat(receive(rig, receiver)).containsExactly(1200, 1200, 400);
                send(rig, sender, sockets.peer());
                assertThat(receive(rig, receiver)).as("not asked again").containsExactly(1200, 1200, 400);
                assertThat(sender.offloads()).isEqualTo("gro");
            }
        }
    }

    private static Void send(PollerRig rig, DatagramChannel sender, Endpoint peer) {
        for (int size : SIZES) {
            sender.addPayload(rig.pool.storage(), rig.pool.offset(SLOTS - 1), size);
            sender.end(peer, null, null);
        }
        sender.flush();
        return null;
    }

    private static List<Integer> receive(PollerRig rig, DatagramChannel receiver) {
        List<Integer> received = new ArrayList<>();
        FrameBatch batch = new FrameBatch();
        long deadlineNs = System.nanoTime() + PollerRig.DEADLINE.toNanos();
        while (received.size() < SIZES.length && System.nanoTime() < deadlineNs) {
            rig.poller.poll(10_000_000);
            int count = receiver.receive(rig.pool, batch);
            for (int i = 0; i < count; i++) {
                received.add(batch.lengths()[i]);
            }
            batch.release(rig.pool);
        }
        return received;
    }

    /** Every sendmmsg of the thread fails with EIO, as one with UDP_SEGMENT does where nothing sums checksums. */
    private static void inThreadWithoutSendmmsg(Callable<Void> body) throws Exception {
        try (var thread = Executors.newSingleThreadExecutor()) {
            thread.submit(() -> {
                try (Memory instructions = new Memory(32); Memory program = new Memory(16)) {
                    instructions.setLong(0, instruction(0x20, 0, 0, 0));
                    instructions.setLong(8, instruction(0x15, 0, 1, SENDMMSG));
                    instructions.setLong(16, instruction(0x06, 0, 0, 0x0005_0000 | Errno.EIO));
                    instructions.setLong(24, instruction(0x06, 0, 0, 0x7FFF_0000));
                    program.setLong(0, 4);
                    program.setPointer(8, instructions);
                    prctl(PR_SET_NO_NEW_PRIVS, 1, null, 0, 0);
                    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0);
                }
                return body.call();
            }).get();
        } catch (ExecutionException e) {
            assumeThat(e.getCause()).as("system calls can be filtered").isNotInstanceOf(LastErrorException.class);
            throw e;
        }
    }

    /** A struct sock_filter; a jump's two ways are counted from the next one. */
    private static long instruction(int code, int ifTrue, int ifFalse, long value) {
        return code | ifTrue << 16 | (long) ifFalse << 24 | value << 32;
    }
}
