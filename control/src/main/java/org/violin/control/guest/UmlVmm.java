package org.violin.control.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.GuestSpec.NicSpec;

/** User-Mode-Linux: {@link UmlCommand} and {@link Mconsole}. */
final class UmlVmm implements Vmm {
    private final GuestPlatform platform;
    private final GuestDirectory directory;

    UmlVmm(GuestPlatform platform, GuestDirectory directory) {
        this.platform = platform;
        this.directory = directory;
    }

    @Override
    public Path executable() {
        return platform.kernel();
    }

    @Override
    public List<String> command(GuestSpec spec) {
        List<String> command = UmlCommand.build(platform, spec);
        checkMemory(spec);
        return command;
    }

    private void checkMemory(GuestSpec spec) {
        try {
            long freeMiB = Files.getFileStore(platform.memory()).getUsableSpace() >> 20;
            if (freeMiB < spec.memoryMiB()) {
                throw new GuestException(spec.name() + ": needs " + spec.memoryMiB() + " MiB of memory, "
                    + platform.memory() + " has " + freeMiB + " MiB left: stop other guests or enlarge it");
            }
        } catch (IOException e) {
            throw new GuestException(platform.memory() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void prepare() {
        directory.prepareUml();
    }

    @Override
    public void attend(List<NicSpec> nics) {
        // They connect when they are up, and nothing stands still.
    }

    @Override
    public void connect(List<NicSpec> nics) {
        // By bouncing.
    }

    @Override
    public boolean bounces() {
        return true;
    }

    @Override
    public void add(NicSpec nic) {
        mconsole().add(nic);
    }

    @Override
    public void remove(NicSpec nic) {
        mconsole().remove(nic);
    }

    private Mconsole mconsole() {
        return new Mconsole(directory.file(GuestDirectory.MCONSOLE));
    }

    @Override
    public boolean runs() {
        return true;
    }

    @Override
    public void resume() {
        // It has been off.
    }
}
