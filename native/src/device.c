/* SPDX-License-Identifier: Apache-2.0
 *
 * Interfaces of the host by their names. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "device.h"
#include "violin.h"

int device_request(struct ifreq *request, const char *device)
{
    size_t length = strlen(device);
    if (length == 0 || length >= IFNAMSIZ)
        return -EINVAL;
    memset(request, 0, sizeof(*request));
    memcpy(request->ifr_name, device, length);
    return 0;
}

/* What an interface is like now; -ENODEV: there is none of that name. */
int violin_device_look(const char *device, struct violin_interface *found)
{
    struct ifreq request;
    int error = device_request(&request, device);
    if (error)
        return error;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    memset(found, 0, sizeof(*found));
    error = ioctl(fd, SIOCGIFINDEX, &request);
    found->index = request.ifr_ifindex;
    if (error == 0) {
        error = ioctl(fd, SIOCGIFMTU, &request);
        found->mtu = request.ifr_mtu;
    }
    if (error == 0) {
        error = ioctl(fd, SIOCGIFFLAGS, &request);
        found->flags = (uint16_t)request.ifr_flags;
    }
    if (error == 0) {
        error = ioctl(fd, SIOCGIFHWADDR, &request);
        found->type = request.ifr_hwaddr.sa_family;
    }
    if (error < 0)
        error = -errno;
    close(fd);
    return error;
}
