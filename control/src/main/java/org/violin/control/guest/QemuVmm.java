package org.violin.control.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.violin.control.os.Command;
import org.violin.control.os.LibcException;
import org.violin.control.os.UnixSocket;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.GuestSpec.NicSpec;

/**
 * QEMU, with nothing but a disk, two serial lines and vNICs.
 *
 * <p>Theory of operation. The machine's type and processor are fixed by name, so that another host's is the same, and
 * each vNIC has a place on the bus of its own, by which it is known: its name is what the kernel makes of it. The disk
 * is a qcow2 file on top of the image that all guests share. The first serial line is the agent's, the second the
 * console.
 *
 * <p>A vNIC {@code eth0} is at one port of a hub inside QEMU, and what connects it is at the other: {@code wire0}, a
 * connection to the daemon's SEQPACKET socket that the daemon makes and passes over, of which each message is a frame.
 * So it can be exchanged, when a daemon has died or the port was opened anew, and the guest sees nothing of it.
 */
final class QemuVmm implements Vmm {
    static final String MONITOR = "qmp.sock";
    /** Names a version: what a guest sees of its machine is the same in all later ones of QEMU. */
    private static final String MACHINE = "pc-i440fx-7.2,usb=off,vmport=off";
    private static final String PROCESSOR = "qemu64";
    private static final int DISK_SLOT = 3;
    private static final int NIC_SLOT = 4;
    /** For a QEMU to start, or to end what it does. */
    private static final Duration START_LIMIT = Duration.ofSeconds(10);
    private static final Duration CREATE_LIMIT = Duration.ofSeconds(20);
    private static final long POLL_NANOS = 5_000_000;
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(1);

    private final GuestPlatform platform;
    private final GuestDirectory directory;

    QemuVmm(GuestPlatform platform, GuestDirectory directory) {
        this.platform = platform;
        this.directory = directory;
    }

    @Override
    public Path executable() {
        return QemuPlatform.EXECUTABLE;
    }

    @Override
    public List<String> command(GuestSpec spec) {
        QemuPlatform qemu = QemuPlatform.find();
        List<String> command = new ArrayList<>(UmlCommand.confined());
        command.add(QemuPlatform.EXECUTABLE.toString());
        command.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
            "-machine", MACHINE, "-accel", qemu.accelerator(), "-cpu", PROCESSOR, "-m", spec.memoryMiB() + "M",
            "-kernel", qemu.kernel().toString(), "-initrd", qemu.initrd().toString(),
            "-append", "console=ttyS1 quiet panic=-1 printk.time=1 violin.hostname=" + spec.name(),
            // Whatever file the disk says that it lies on: it may have come from another host. Never changed, the
            // image needs no lock; and UML has one on it while it starts, which QEMU would not begin beside.
            "-drive", "id=disk,if=none,format=qcow2,file=" + GuestDirectory.OVERLAY + ",backing.driver=raw"
                + ",backing.file.driver=file,backing.file.filename=" + GuestDirectory.IMAGE
                + ",backing.file.locking=off",
            "-device", "virtio-blk-pci,drive=disk,addr=" + DISK_SLOT,
            "-chardev", "pipe,id=agent,path=agent", "-serial", "chardev:agent",
            "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
            "-qmp", "unix:" + MONITOR + ",server=on,wait=off"));
        spec.nics().forEach(nic -> command.addAll(List.of(
            "-netdev", "hubport,id=" + nic.name() + ",hubid=" + nic.number(),
            "-device", "virtio-net-pci,romfile=,id=nic" + nic.number() + ",netdev=" + nic.name() + ",mac=" + nic.mac()
                + ",addr=" + slot(nic))));
        return command;
    }

    private static int slot(NicSpec nic) {
        return NIC_SLOT + nic.number();
    }

    /** Where the guest's kernel has a vNIC's device, by whatever name. */
    static String sysfs(NicSpec nic) {
        return String.format("/sys/bus/pci/devices/0000:00:%02x.0/virtio*/net", slot(nic));
    }

    /** Makes the disk. */
    @Override
    public void prepare() {
        try {
            Files.deleteIfExists(directory.file(MONITOR)); // of a QEMU that was killed
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (Files.exists(directory.file(GuestDirectory.OVERLAY))) {
            return;
        }
        Command.Result result = Command.run(List.of(QemuPlatform.IMAGES.toString(), "create", "-q", "-f", "qcow2",
            "-F", "raw", "-u", "-b", GuestDirectory.IMAGE, directory.file(GuestDirectory.OVERLAY).toString(),
            Long.toString(imageBytes())), CREATE_LIMIT);
        if (result.exit() != 0) {
            throw new GuestException("its disk cannot be made: " + result.said());
        }
    }

    private long imageBytes() {
        try {
            return Files.size(platform.image());
        } catch (IOException e) {
            throw new UncheckedIOException(platform.image().toString(), e);
        }
    }

    @Override
    public void attend(List<NicSpec> nics) {
        try (Qmp qmp = monitor()) {
            for (NicSpec nic : nics) {
                connect(qmp, nic);
            }
            // One that has gone to another host is in 'postmigrate'.
            if (status(qmp).equals("paused")) {
                qmp.ask("cont");
                announce(qmp);
            }
        }
    }

    /** Tells the switches where it is now; its first frame passes at once, the others in case that one is lost. */
    private static void announce(Qmp qmp) {
        qmp.ask("announce-self", Map.of("initial", 50, "max", 550, "rounds", 5, "step", 100));
    }

    private static String status(Qmp qmp) {
        return qmp.ask("query-status").path("status").asText();
    }

    /** Waits for a QEMU that has just been started to open it. */
    Qmp monitor() {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (true) {
            try {
                return Qmp.open(directory.file(MONITOR));
            } catch (LibcException e) {
                boolean isGone = System.nanoTime() - deadline > 0 || wasStarted()
                    && GuestProcess.all(executable(), directory.path()).isEmpty();
                if (isGone) {
                    throw new GuestException("QEMU does not answer: " + new Console(directory).tail(), e);
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    /** Whether a QEMU has opened its monitor; it may have ended since. */
    private boolean wasStarted() {
        return Files.exists(directory.file(MONITOR));
    }

    @Override
    public void connect(List<NicSpec> nics) {
        try (Qmp qmp = monitor()) {
            nics.forEach(nic -> connect(qmp, nic));
        }
    }

    private void connect(Qmp qmp, NicSpec nic) {
        int number = nic.number();
        disconnect(qmp, number);
        try (UnixSocket wire = UnixSocket.connect(directory.file(GuestDirectory.socketName(nic.name())),
            UnixSocket.Kind.SEQPACKET, CONNECT_LIMIT)) {
            qmp.ask("getfd", Map.of("fdname", "wire" + number), wire);
        } catch (LibcException e) {
            throw new GuestException(nic.name() + " cannot be connected: " + e.getMessage(), e);
        }
        qmp.ask("netdev_add", Map.of("type", "dgram", "id", "wire" + number,
            "local", Map.of("type", "fd", "str", "wire" + number)));
        qmp.ask("netdev_add", Map.of("type", "hubport", "id", "plug" + number, "hubid", number,
            "netdev", "wire" + number));
    }

    private static void disconnect(Qmp qmp, int number) {
        qmp.tried("netdev_del", Map.of("id", "plug" + number));
        qmp.tried("netdev_del", Map.of("id", "wire" + number));
    }

    @Override
    public boolean bounces() {
        return false;
    }

    @Override
    public void add(NicSpec nic) {
        int slot = slot(nic);
        try (Qmp qmp = monitor()) {
            // Left of one that was broken off.
            qmp.tried("netdev_del", Map.of("id", nic.name()));
            qmp.ask("netdev_add", Map.of("type", "hubport", "id", nic.name(), "hubid", nic.number()));
            connect(qmp, nic);
            qmp.ask("device_add", Map.of("driver", "virtio-net-pci", "romfile", "", "id", "nic" + nic.number(),
                "netdev", nic.name(), "mac", nic.mac(), "addr", String.format("0x%x", slot)));
        }
    }

    @Override
    public void remove(NicSpec nic) {
        try (Qmp qmp = monitor()) {
            String device = "nic" + nic.number();
            if (qmp.tried("device_del", Map.of("id", device))) {
                qmp.awaitDeleted(device);
            }
            disconnect(qmp, nic.number());
            qmp.tried("netdev_del", Map.of("id", nic.name()));
        }
    }

    @Override
    public boolean runs() {
        try (Qmp qmp = monitor()) {
            return status(qmp).equals("running");
        }
    }

    private static void awaitMigrationEnd(Qmp qmp) {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        List<String> ends = List.of("", "none", "completed", "failed", "cancelled");
        while (!ends.contains(qmp.ask("query-migrate").path("status").asText())) {
            if (System.nanoTime() - deadline > 0) {
                throw new GuestException("QEMU does not end the guest's migration");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    @Override
    public void resume() {
        try (Qmp qmp = monitor()) {
            qmp.ask("migrate_cancel");
            awaitMigrationEnd(qmp);
            String status = status(qmp);
            if (status.equals("postmigrate") || status.equals("paused")) {
                qmp.ask("cont");
                announce(qmp);
            }
        }
    }
}
