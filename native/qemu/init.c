/* SPDX-License-Identifier: Apache-2.0
 *
 * The first process of a guest of QEMU (scripts/build-qemu-kernel): loads the modules that Debian's kernel needs to
 * find disk and vNICs, mounts the guest image as the root, and becomes its init. Where UML has its console, tty0, is
 * QEMU's second serial line; the first is the agent's, ttyS0, as with UML. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

/* For build-qemu-kernel to find them. */
#define MODULE(name) "/lib/" name ".ko"

/* Each after what it depends on. */
static const char *const modules[] = {
    MODULE("virtio_ring"),
    MODULE("virtio"),
    MODULE("virtio_pci_modern_dev"),
    MODULE("virtio_pci_legacy_dev"),
    MODULE("virtio_pci"),
    MODULE("virtio_blk"),
    MODULE("failover"),
    MODULE("net_failover"),
    MODULE("virtio_net"),
};

enum { DISK_POLLS_MAX = 1000, DISK_POLL_US = 10000 };

static int fail(const char *what)
{
    fprintf(stderr, "violin: %s: %s\n", what, strerror(errno));
    return 1; /* the kernel panics */
}

static int load(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int result = (int)syscall(SYS_finit_module, fd, "", 0);
    close(fd);
    return result;
}

int main(void)
{
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
        if (load(modules[i]) < 0)
            return fail(modules[i]);
    }
    if (mount("dev", "/dev", "devtmpfs", 0, "") < 0)
        return fail("/dev");
    unlink("/dev/tty0");
    if (symlink("ttyS1", "/dev/tty0") < 0)
        return fail("/dev/tty0");
    for (int polls = 0; access("/dev/vda", F_OK) < 0 && polls < DISK_POLLS_MAX; polls++)
        usleep(DISK_POLL_US);
    if (mount("/dev/vda", "/root", "ext4", 0, "") < 0)
        return fail("/dev/vda");
    if (mount("/dev", "/root/dev", NULL, MS_MOVE, NULL) < 0 || chdir("/root") < 0
        || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
        return fail("/");
    int console = open("/dev/console", O_RDWR);
    for (int fd = 0; console >= 0 && fd <= STDERR_FILENO; fd++)
        dup2(console, fd);
    if (console > STDERR_FILENO)
        close(console);
    execl("/sbin/init", "init", (char *)NULL);
    return fail("/sbin/init");
}
