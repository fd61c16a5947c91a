package org.violin.benchmarks.profile;

import java.util.List;

/**
 * What the kernel does for a tunnel, or for those that use it. A stack is of the activity that the innermost function
 * with such a beginning belongs to: a wake-up in the middle of a send is a wake-up.
 */
enum Activity {
    WAIT("waiting and waking: epoll, scheduler", "ep_", "do_epoll", "do_select", "do_sys_poll", "schedule",
        "__schedule", "try_to_wake_up", "__wake_up", "sock_def_readable", "tun_sock_write_space", "futex_", "do_futex",
        "finish_task_switch", "hrtimer_nanosleep"),
    TAP_QUEUE("into the TAP's queue", "tun_net_xmit"),
    TAP_READ("TAP read", "tun_do_read", "tun_chr_read", "tun_put_user", "tun_ring_recv", "do_readv", "ksys_read"),
    TAP_WRITE("TAP write", "tun_get_user", "tun_chr_write", "tun_build_skb", "tun_alloc_skb", "do_writev",
        "ksys_write"),
    UDP_SEND("UDP send", "udp_sendmsg", "udpv6_sendmsg", "__sys_sendm", "___sys_sendm", "____sys_sendm",
        "__sys_sendto"),
    UDP_RECEIVE("UDP receive", "udp_recvmsg", "udpv6_recvmsg", "udp_rcv", "udpv6_rcv", "__udp4_lib_rcv",
        "__udp6_lib_rcv", "udp_gro", "udp4_gro", "udp6_gro", "udp_queue_rcv", "udpv6_queue_rcv", "__sys_recvm",
        "___sys_recvm", "____sys_recvm", "__sys_recvfrom"),
    VXLAN("VXLAN", "vxlan_"),
    LOAD("the load's TCP, UDP and packet sockets", "tcp_", "__tcp_", "packet_", "tpacket_"),
    RECEIVE("soft interrupt of a device, before TCP and UDP", "net_rx_action", "__napi_poll", "process_backlog",
        "veth_poll", "napi_"),
    IO_URING("io_uring", "io_", "__do_sys_io_uring", "__io_"),
    FAULT("page faults", "asm_exc_page_fault", "exc_page_fault"),
    INTERRUPT("interrupts, timers", "asm_sysvec", "sysvec_", "asm_common_interrupt", "common_interrupt",
        "hrtimer_interrupt"),
    SYSTEM_CALL("system calls: entry and exit; the rest of the kernel");

    private static final List<String> COPIES = List.of("copy_user", "rep_movs", "_copy_to_iter",
        "_copy_from_iter", "__copy_user", "copyin", "copyout", "copy_page", "memcpy", "__memcpy", "_copy_to_user",
        "_copy_from_user", "csum_partial", "csum_and_copy", "__pi_memcpy");

    private final String title;
    private final List<String> beginnings;

    Activity(String title, String... beginnings) {
        this.title = title;
        this.beginnings = List.of(beginnings);
    }

    String title() {
        return title;
    }

    /** Of a stack that ends in the kernel. */
    static Activity of(List<Frame> stack, Cycles.Owner owner) {
        Activity found = SYSTEM_CALL;
        int at = stack.size() - 1;
        while (found == SYSTEM_CALL && at >= 0 && stack.get(at).kind() == Frame.Kind.KERNEL) {
            found = of(stack.get(at--).name());
        }
        boolean forLoad = switch (found) {
            // What a TAP is given goes up to the sockets of those that use the tunnel.
            case UDP_RECEIVE -> owner == Cycles.Owner.LOAD || holds(stack, at, TAP_WRITE);
            case TAP_READ, TAP_WRITE, UDP_SEND, SYSTEM_CALL -> owner == Cycles.Owner.LOAD;
            default -> false;
        };
        return forLoad ? LOAD : found;
    }

    private static boolean holds(List<Frame> stack, int last, Activity activity) {
        return stack.subList(0, Math.max(0, last + 1)).stream()
            .anyMatch(frame -> frame.kind() == Frame.Kind.KERNEL && of(frame.name()) == activity);
    }

    private static Activity of(String function) {
        for (Activity activity : values()) {
            if (activity.beginnings.stream().anyMatch(function::startsWith)) {
                return activity;
            }
        }
        return SYSTEM_CALL;
    }

    /** Whether a function of the kernel copies, or sums, bytes. */
    static boolean copies(Frame frame) {
        return frame.kind() == Frame.Kind.KERNEL && COPIES.stream().anyMatch(frame.name()::startsWith);
    }
}
