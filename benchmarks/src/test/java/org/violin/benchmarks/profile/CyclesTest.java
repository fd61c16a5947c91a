package org.violin.benchmarks.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.violin.benchmarks.profile.Cycles.Owner;
import org.violin.benchmarks.profile.Frame.Kind;

class CyclesTest {
    private final Cycles cycles = new Cycles();

    @Test
    void theInnermostFunctionThatTellsDecides() {
        assertThat(what(Owner.TUNNEL, "do_syscall_64", "udp_sendmsg", "ip_make_skb", "_copy_from_iter"))
            .isEqualTo("UDP send");
        assertThat(what(Owner.TUNNEL, "udp_sendmsg", "net_rx_action", "__udp4_lib_rcv", "sock_def_readable",
            "try_to_wake_up")).isEqualTo("waiting and waking: epoll, scheduler");
        assertThat(what(Owner.TUNNEL, "udp_sendmsg", "net_rx_action", "veth_poll")).contains("soft interrupt");
        assertThat(what(Owner.TUNNEL, "do_syscall_64", "fdget")).startsWith("system calls");
        assertThat(what(Owner.KERNEL, "do_idle", "net_rx_action", "udp_rcv")).isEqualTo("UDP receive");
    }

    @Test
    void whatIsBehindTheTapIsTheLoads() {
        String load = "the load's TCP, UDP and packet sockets";
        assertThat(what(Owner.TUNNEL, "tun_chr_write_iter", "tun_get_user", "ip_rcv")).isEqualTo("TAP write");
        assertThat(what(Owner.TUNNEL, "tun_chr_write_iter", "tun_get_user", "ip_rcv", "udp_rcv")).isEqualTo(load);
        assertThat(what(Owner.TUNNEL, "tun_get_user", "tcp_v4_rcv", "tcp_ack")).isEqualTo(load);
        assertThat(what(Owner.LOAD, "__sys_recvmmsg", "udp_recvmsg")).isEqualTo(load);
        assertThat(what(Owner.LOAD, "tcp_write_xmit", "dev_hard_start_xmit", "tun_net_xmit"))
            .isEqualTo("into the TAP's queue");
    }

    @Test
    void codeInUserSpaceIsItsOwners() {
        Frame method = new Frame("org.violin.dataplane.bridge.Switch.decide", Kind.JAVA);
        assertThat(what(Owner.TUNNEL, method)).isEqualTo("Java: bridge");
        assertThat(what(Owner.TUNNEL, new Frame("java.lang.Thread.run", Kind.JAVA))).isEqualTo("Java: JDK, libraries");
        assertThat(what(Owner.TUNNEL, new Frame("Interpreter", Kind.JAVA))).isEqualTo("Java: interpreter, stubs");
        assertThat(what(Owner.LOAD, new Frame("main", Kind.NATIVE))).isEqualTo("the load's own code");
    }

    @Test
    void sharesAreOfBusyTime() {
        Frame kernel = new Frame("tun_do_read", Kind.KERNEL);
        Frame copy = new Frame("_copy_to_iter", Kind.KERNEL);
        cycles.add(new Sample("swapper", 0, List.of(new Frame("pv_native_safe_halt", Kind.KERNEL))), Owner.KERNEL);
        cycles.add(new Sample("worker", 9, List.of(kernel, copy)), Owner.TUNNEL);
        cycles.add(new Sample("worker", 9, List.of(kernel)), Owner.TUNNEL);
        cycles.add(new Sample("worker", 9, List.of(kernel)), Owner.TUNNEL);
        cycles.add(new Sample("iperf3", 10, List.of(copy)), Owner.LOAD);
        cycles.add(new Sample("make", 11, List.of(copy)), Owner.OTHER);
        assertThat(cycles.busy()).isEqualTo(4);
        assertThat(cycles.busyPercent()).isEqualTo(400.0 / 6);
        assertThat(cycles.rows()).containsExactly(new Cycles.Row("TAP read", 75, 25, 75, 0, 0),
            new Cycles.Row("the load's TCP, UDP and packet sockets", 25, 25, 0, 25, 0),
            new Cycles.Row("all", 100, 50, 75, 25, 0));
    }

    @Test
    void aRecordingIsSpreadOverActivities() throws Exception {
        for (Sample sample : Recordings.tunnel()) {
            cycles.add(sample, sample.thread().startsWith("worker-") ? Owner.TUNNEL : Owner.LOAD);
        }
        assertThat(cycles.rows()).extracting(Cycles.Row::what).contains("TAP read", "TAP write", "UDP send",
            "UDP receive", "the load's TCP, UDP and packet sockets");
    }

    private static String what(Owner owner, String... functions) {
        List<Frame> stack = new ArrayList<>();
        for (String function : functions) {
            stack.add(new Frame(function, Kind.KERNEL));
        }
        return what(owner, stack.toArray(Frame[]::new));
    }

    private static String what(Owner owner, Frame... stack) {
        Cycles one = new Cycles();
        assertThat(one.add(new Sample("thread", 7, List.of(stack)), owner)).isTrue();
        return one.rows().getFirst().what();
    }
}
