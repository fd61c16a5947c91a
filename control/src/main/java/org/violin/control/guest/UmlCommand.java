package org.violin.control.guest;

import java.util.ArrayList;
import java.util.List;
import org.violin.control.os.Libc;
import org.violin.control.spec.GuestSpec;

/**
 * The command that starts a guest in its directory.
 *
 * <p>It leads a session of its own, and a shell gives it its lines before it becomes UML: FIFOs opened for reading and
 * writing, which never end, whoever comes and goes at the other side, and the console's log opened for append, which
 * may be truncated under it. So the guest depends on no process of the daemon. Names are relative, so that no path has
 * to be quoted for the kernel's command line.
 *
 * <p>UML is the first process of a PID namespace. It runs the guest's programs as processes of this host, which it
 * holds by ptrace; were it killed alone, they would be let go and make their system calls here, as the daemon's user.
 * With the first process of a namespace all others die. An ordinary user needs a user namespace for that.
 */
final class UmlCommand {
    private static final String LINES = "exec \"$@\" 0<>" + GuestDirectory.CONSOLE_IN
        + " 1>>" + GuestDirectory.CONSOLE_LOG + " 2>&1"
        + " 3<>" + GuestDirectory.AGENT_IN + " 4<>" + GuestDirectory.AGENT_OUT;

    /**
     * What a boot can do without; two thirds of its CPU time (1.5 s of them) went into measuring RAID checksums and a
     * delay loop. A name that a kernel does not know is ignored by it.
     */
    private static final String NEEDLESS_INITCALLS =
        "raid6_select_algo,calibrate_xor_blocks,init_btrfs_fs,init_xfs_fs,init_jfs_fs,init_zswap";
    /**
     * UML's file system that is the host's own, which root of a guest could mount: it is not there. Should a kernel
     * call it by another name, it is to find nothing: below a device no path leads anywhere, not even "..".
     */
    private static final String NO_HOSTFS = "init_hostfs";
    private static final String HOSTFS_ROOT = "/dev/null";
    /** 4,000 BogoMIPS; nothing that a UML has needs delays any better. */
    private static final int LOOPS_PER_JIFFY = 20_000_000;

    /** COMMAND_LINE_SIZE of UML, less what the kernel adds itself. */
    private static final int LINE_BYTES_MAX = 4096 - 128;

    private UmlCommand() {
    }

    /** What runs a command as the first process of a PID namespace, and ends it when it is killed itself. */
    static List<String> confinement(boolean isRoot) {
        List<String> command = new ArrayList<>(List.of("unshare", "--pid", "--fork", "--kill-child=KILL"));
        if (!isRoot) {
            command.addAll(List.of("--user", "--map-current-user"));
        }
        command.add("--");
        return command;
    }

    /** What comes before a virtual machine's own command, of whatever kind: its session, lines and namespace. */
    static List<String> confined() {
        List<String> command = new ArrayList<>(List.of("setsid", "sh", "-c", LINES, "sh"));
        command.addAll(confinement(Libc.isRoot()));
        return command;
    }

    static List<String> build(GuestPlatform platform, GuestSpec spec) {
        List<String> arguments = new ArrayList<>();
        arguments.add("mem=" + spec.memoryMiB() + "M");
        arguments.add("ubd0=" + GuestDirectory.OVERLAY + "," + GuestDirectory.IMAGE);
        arguments.add("root=/dev/ubda");
        arguments.add("rw");
        arguments.add("lpj=" + LOOPS_PER_JIFFY);
        arguments.add("initcall_blacklist=" + NEEDLESS_INITCALLS + "," + NO_HOSTFS);
        arguments.add("hostfs=" + HOSTFS_ROOT);
        arguments.add("printk.time=1");
        arguments.add("noreboot"); // UML starts itself over beside what is left of it, which holds its disk's lock
        arguments.add("uml_dir=.");
        arguments.add("umid=" + GuestDirectory.UMID);
        arguments.add("con=null");
        arguments.add("con0=fd:0,fd:1");
        arguments.add("ssl=null");
        arguments.add("ssl0=fd:3,fd:4");
        arguments.add("violin.hostname=" + spec.name());
        spec.nics().forEach(nic -> arguments.add(Mconsole.device(nic)));
        int bytes = String.join(" ", arguments).length();
        if (bytes > LINE_BYTES_MAX) {
            throw new GuestException(spec.name() + ": " + spec.nics().size() + " vNICs make a kernel command line of "
                + bytes + " bytes, at most " + LINE_BYTES_MAX + " are possible: give the guest fewer vNICs");
        }
        List<String> command = new ArrayList<>(confined());
        command.addAll(List.of("env", "LD_PRELOAD=./" + GuestDirectory.PRELOAD, platform.kernel().toString()));
        command.addAll(arguments);
        return command;
    }
}
