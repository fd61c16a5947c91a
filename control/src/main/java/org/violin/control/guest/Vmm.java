package org.violin.control.guest;

import java.nio.file.Path;
import java.util.List;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.GuestSpec.NicSpec;

/**
 * What a guest is a virtual machine of, as far as kinds differ: how one is started, and how its kernel gets vNICs and
 * is rid of them. Consoles and the agent's line are the same for all. Has no state of its own: all is in the guest's
 * directory. Errors: {@link GuestException}.
 */
interface Vmm {
    static Vmm of(GuestSpec.Vmm kind, GuestPlatform platform, GuestDirectory directory) {
        return switch (kind) {
            case UML -> new UmlVmm(platform, directory);
            case QEMU -> new QemuVmm(platform, directory);
        };
    }

    /** What its processes run. */
    Path executable();

    /** What starts it in its directory, in which {@link #prepare} has been called; throws if that cannot be. */
    List<String> command(GuestSpec spec);

    /** Makes what only this kind finds in its directory. */
    void prepare();

    /**
     * Its process has been started, or was found running. Has its vNICs connect, and go on what stands still because it
     * has come from another host.
     */
    void attend(List<NicSpec> nics);

    /** Has vNICs connect anew to their sockets, unless it {@link #bounces} them for that. */
    void connect(List<NicSpec> nics);

    /** Whether vNICs connect when the guest takes them down and up. */
    boolean bounces();

    /** Gives the kernel a vNIC. */
    void add(NicSpec nic);

    /** Takes one from it, which is down. One that is not there is no error. */
    void remove(NicSpec nic);

    /** Whether the guest could answer; not while it stands still because it has gone to another host. */
    boolean runs();

    /** It does not go to another host after all, and runs. */
    void resume();
}
