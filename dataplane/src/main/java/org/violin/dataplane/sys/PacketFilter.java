package org.violin.dataplane.sys;

import java.util.ArrayList;
import java.util.List;
import org.violin.dataplane.wire.Ethernet;

/**
 * What a packet socket takes of the frames that come in by its interface, as a classic BPF program that the kernel runs
 * (VNET, section 4.2), and what the interface has to be told so that they come in at all. MAC addresses are those of
 * {@link Ethernet}.
 */
public final class PacketFilter {
    /** Addresses that a filter is made for, at most. */
    public static final int MACS_MAX = 64;

    static final int LOAD_WORD = 0x20;
    static final int LOAD_HALF = 0x28;
    static final int LOAD_BYTE = 0x30;
    static final int LOAD_SCRATCH = 0x60;
    static final int STORE_SCRATCH = 0x02;
    static final int JUMP_IF_EQUAL = 0x15;
    static final int JUMP_IF_SET = 0x45;
    static final int RETURN = 0x06;

    /** A program returns how many bytes of the frame the socket is given. */
    private static final int TAKE = -1;
    private static final int DROP = 0;
    /** Scratch memory: the first four bytes of an address, and the last two. */
    private static final int FIRST = 0;
    private static final int LAST = 1;
    /** Of an address's first byte. */
    private static final int GROUP = 1;

    private static final int PROMISCUOUS = 1;
    private static final int ALL_MULTICAST = 2;
    private static final int UNICAST = 3;

    /** Jumps go over so many of the instructions that follow. */
    record Instruction(int code, int ifTrue, int ifFalse, int operand) {
    }

    /** What the interface is told (PACKET_ADD_MEMBERSHIP), with an address where the kind has one. */
    record Membership(int kind, long mac) {
    }

    private final String text;
    private final List<Instruction> program;
    private final List<Membership> memberships;

    private PacketFilter(String role, boolean promiscuous, List<Instruction> program, List<Membership> memberships) {
        this.text = promiscuous ? role + " promiscuous" : role;
        this.program = List.copyOf(program);
        this.memberships = promiscuous ? List.of(new Membership(PROMISCUOUS, 0)) : List.copyOf(memberships);
    }

    /** Everything. */
    public static PacketFilter all(boolean promiscuous) {
        return new PacketFilter("all", promiscuous, List.of(), List.of());
    }

    /** VNET's Host: what comes from one of these. */
    public static PacketFilter host(List<Long> macs, boolean promiscuous) {
        List<Instruction> program = new ArrayList<>();
        decide(program, Ethernet.SOURCE, macs, TAKE);
        program.add(verdict(DROP));
        return new PacketFilter("host", promiscuous, program, List.of());
    }

    /**
     * VNET's Proxy: what is for one of these or for all, and comes from none of these, so that nothing goes round in
     * circles. Where it is not promiscuous, the interface is told the addresses.
     *
     * @param multicast whether also what is for any group
     */
    public static PacketFilter proxy(List<Long> macs, boolean multicast, boolean promiscuous) {
        List<Long> destinations = new ArrayList<>(macs);
        destinations.add(Ethernet.BROADCAST);
        List<Membership> memberships = new ArrayList<>(macs.stream().map(mac -> new Membership(UNICAST, mac)).toList());
        List<Instruction> program = new ArrayList<>();
        decide(program, Ethernet.SOURCE, macs, DROP);
        decide(program, Ethernet.DESTINATION, destinations, TAKE);
        if (multicast) {
            memberships.add(new Membership(ALL_MULTICAST, 0));
            program.add(load(LOAD_BYTE, Ethernet.DESTINATION));
            program.add(new Instruction(JUMP_IF_SET, 0, 1, GROUP));
            program.add(verdict(TAKE));
        }
        program.add(verdict(DROP));
        return new PacketFilter("proxy", promiscuous, program, memberships);
    }

    /** Decides for a frame with one of these addresses at {@code at}; goes on with any other. */
    private static void decide(List<Instruction> program, int at, List<Long> macs, int verdict) {
        // A load from the frame is some six instructions of the kernel's, and a program's memory is limited.
        program.add(load(LOAD_HALF, at + Integer.BYTES));
        program.add(new Instruction(STORE_SCRATCH, 0, 0, LAST));
        program.add(load(LOAD_WORD, at));
        program.add(new Instruction(STORE_SCRATCH, 0, 0, FIRST));
        for (long mac : macs) {
            program.add(load(LOAD_SCRATCH, FIRST));
            program.add(new Instruction(JUMP_IF_EQUAL, 0, 3, (int) (mac >>> Short.SIZE)));
            program.add(load(LOAD_SCRATCH, LAST));
            program.add(new Instruction(JUMP_IF_EQUAL, 0, 1, (int) mac & 0xFFFF));
            program.add(verdict(verdict));
        }
    }

    private static Instruction load(int code, int from) {
        return new Instruction(code, 0, 0, from);
    }

    private static Instruction verdict(int bytes) {
        return new Instruction(RETURN, 0, 0, bytes);
    }

    /** For people: {@code proxy}, {@code all promiscuous}. */
    public String text() {
        return text;
    }

    /** Empty: every frame passes. */
    List<Instruction> program() {
        return program;
    }

    List<Membership> memberships() {
        return memberships;
    }
}
