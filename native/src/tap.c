/* SPDX-License-Identifier: Apache-2.0
 *
 * TAP devices: one read or write is one Ethernet frame, so a batch is a loop on this side of the Java boundary. The
 * device is not persistent: it goes away with the last descriptor, also when the process is killed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "violin.h"

static int tap_request(struct ifreq *request, const char *device)
{
    size_t length = strlen(device);
    if (length == 0 || length >= IFNAMSIZ)
        return -EINVAL;
    memset(request, 0, sizeof(*request));
    memcpy(request->ifr_name, device, length);
    return 0;
}

int violin_tap_open(const char *device)
{
    struct ifreq request;
    int error = tap_request(&request, device);
    if (error)
        return error;
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    /* IFF_TUN_EXCL: a device of that name that is there already is somebody else's. */
    request.ifr_flags = (short)(IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL);
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        error = -errno;
        close(fd);
        return error;
    }
    return fd;
}

/* Sets the MTU and brings the device up. */
int violin_tap_configure(const char *device, int mtu)
{
    struct ifreq request;
    int error = tap_request(&request, device);
    if (error)
        return error;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    request.ifr_mtu = mtu;
    if (ioctl(fd, SIOCSIFMTU, &request) < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
        error = -errno;
    if (!error) {
        request.ifr_flags = (short)(request.ifr_flags | IFF_UP);
        if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
            error = -errno;
    }
    close(fd);
    return error;
}

/* Reads until the device is empty or the slices are full. TUN cuts a frame to the buffer without a word; slices are
 * longer than the device's MTU allows, so a frame that fills its slice has been cut. */
int violin_tap_read(int fd, struct violin_slice *slices, int count)
{
    for (int i = 0; i < count; i++) {
        ssize_t n = read(fd, (void *)(uintptr_t)slices[i].address, slices[i].length);
        if (n < 0)
            return i > 0 || errno == EAGAIN ? i : -errno;
        slices[i].status = (uint32_t)n == slices[i].length ? VIOLIN_TRUNCATED : 0;
        slices[i].length = (uint32_t)n;
    }
    return count;
}

/* Writes all, and returns how many the device took; `status` tells of each. */
int violin_tap_write(int fd, struct violin_slice *slices, int count)
{
    int written = 0;
    for (int i = 0; i < count; i++) {
        ssize_t n = write(fd, (const void *)(uintptr_t)slices[i].address, slices[i].length);
        slices[i].status = n < 0 ? -errno : 0;
        written += n >= 0;
    }
    return written;
}
