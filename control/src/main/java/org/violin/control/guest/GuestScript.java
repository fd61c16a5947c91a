package org.violin.control.guest;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.violin.control.spec.GuestSpec;

/**
 * The shell script that brings a running guest into line with its spec. Idempotent: what is right already is not
 * touched, so it can be run under traffic; global addresses and static routes that are not declared are removed. Each
 * failing command is reported with what it said, the others are done all the same, and the exit status is 1.
 */
final class GuestScript {
    private static final String STARTUP_CONFIG = "/run/startup-config";

    private final StringBuilder text = new StringBuilder();

    private GuestScript() {
    }

    /** @param reopened names of vNICs that are taken down first, which makes UML connect their sockets anew */
    static List<String> build(GuestSpec spec, Set<String> reopened) {
        GuestScript script = new GuestScript();
        script.prologue(spec);
        if (spec.vmm() == GuestSpec.Vmm.QEMU) {
            spec.nics().forEach(script::find);
        }
        spec.nics().forEach(nic -> script.nic(nic, reopened.contains(nic.name())));
        script.forwarding(spec.role() == GuestSpec.Role.ROUTER);
        script.routes(spec);
        script.routing(spec);
        script.line("exit $failed");
        return List.of("sh", "-c", script.text.toString());
    }

    /** Takes a vNIC's device down, whatever it is called by now, so that it can be removed. */
    static List<String> down(GuestSpec.Vmm vmm, GuestSpec.NicSpec nic) {
        String devices = switch (vmm) {
            case UML -> "/sys/devices/platform/uml-vector." + nic.number() + "/net";
            case QEMU -> QemuVmm.sysfs(nic);
        };
        return List.of("sh", "-c", "for device in " + devices + "/*; do"
            + " [ ! -e \"$device\" ] || ip link set dev \"${device##*/}\" down || exit; done");
    }

    private void prologue(GuestSpec spec) {
        line("failed=0");
        line("run() { said=$(\"$@\" 2>&1) || { echo \"$*: $said\"; failed=1; }; }");
        line("put() { echo \"$2\" >\"/proc/sys/net/$1\" || { echo \"cannot set $1\"; failed=1; }; }");
        // has WORD LIST: whether the word is in the list
        line("has() { case \" $2 \" in *\" $1 \"*) return 0 ;; esac; return 1; }");
        line("run hostname " + quote(spec.name()));
        line("run ip link set dev lo up");
        // Addresses are usable at once; nobody here needs to be asked whether he has them too.
        line("put ipv6/conf/default/accept_dad 0");
        line("put ipv6/conf/default/accept_ra 0");
    }

    /**
     * Has a vNIC that is called otherwise be called as UML calls it. QEMU's are called in the order in which they came,
     * so that one may have another's name; one that has just been plugged in takes a moment to be there.
     */
    private void find(GuestSpec.NicSpec nic) {
        String devices = QemuVmm.sysfs(nic);
        line("tries=0; while ! ls -d " + devices + "/* >/dev/null 2>&1 && [ $tries -lt 100 ]; do");
        line("  sleep 0.05; tries=$((tries + 1))");
        line("done");
        line("for device in " + devices + "/*; do case ${device##*/} in " + nic.name() + " | '*') ;;");
        line("  *) run ip link set dev \"${device##*/}\" down");
        line("    run ip link set dev \"${device##*/}\" name vec" + nic.number() + " ;;");
        line("esac; done");
    }

    private void nic(GuestSpec.NicSpec nic, boolean reopen) {
        String name = quote(nic.name());
        String device = "vec" + nic.number();
        line("[ -e /sys/class/net/" + device + " ] && run ip link set dev " + device + " name " + name);
        line("put ipv6/conf/" + name + "/accept_dad 0");
        line("put ipv6/conf/" + name + "/accept_ra 0");
        if (reopen) {
            line("run ip link set dev " + name + " down");
        }
        line("run ip link set dev " + name + " mtu " + nic.mtu() + " up");
        List<String> wanted = nic.addresses().stream().map(Addresses::interfaceAddress).toList();
        line("wanted=" + quote(String.join(" ", wanted)));
        line("present=$(ip -o addr show dev " + name + " scope global | awk '{print $4}')");
        line("for address in $present; do");
        line("  has $address \"$wanted\" || run ip addr del $address dev " + name);
        line("done");
        line("present=$(echo $present)");
        line("for address in $wanted; do");
        line("  has $address \"$present\" || case $address in");
        line("    *:*) run ip addr add $address dev " + name + " nodad ;;");
        line("    *) run ip addr add $address brd + dev " + name + " ;;");
        line("  esac");
        line("done");
    }

    private void forwarding(boolean router) {
        String value = router ? "1" : "0";
        line("put ipv4/ip_forward " + value);
        line("put ipv6/conf/all/forwarding " + value);
    }

    private void routes(GuestSpec spec) {
        for (boolean v6 : new boolean[] {false, true}) {
            String ip = v6 ? "ip -6" : "ip -4";
            List<GuestSpec.RouteSpec> routes = spec.routes().stream()
                .filter(route -> Addresses.isV6(route.via()) == v6).toList();
            List<String> wanted = new ArrayList<>();
            for (GuestSpec.RouteSpec route : routes) {
                wanted.add(Addresses.destination(route.to()));
            }
            line("for to in $(" + ip + " route show proto static | awk '{print $1}'); do");
            line("  has $to " + quote(String.join(" ", wanted)) + " || run " + ip + " route del $to proto static");
            line("done");
            for (int i = 0; i < routes.size(); i++) {
                line("run " + ip + " route replace " + wanted.get(i) + " via " + Addresses.host(routes.get(i).via())
                    + " proto static");
            }
        }
    }

    /** The routing suite, with its configuration in a file; see native/guest/routing. */
    private void routing(GuestSpec spec) {
        if (spec.startupConfig().isEmpty()) {
            line("[ ! -e " + STARTUP_CONFIG + " ] || { rm " + STARTUP_CONFIG + "; run violin-routing; }");
        } else {
            line("printf '%s\\n' " + quote(spec.startupConfig()) + " >" + STARTUP_CONFIG);
            line("if [ -x /usr/sbin/violin-routing ]; then run violin-routing; else failed=1");
            line("echo 'the guest image has no routing suite; scripts/build-guest-image makes a new one'; fi");
        }
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    private static String quote(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
