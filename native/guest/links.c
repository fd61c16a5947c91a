/* SPDX-License-Identifier: Apache-2.0
 *
 * The guest's vNICs, seen by the agent. */
#include "links.h"

#include <dirent.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void take_link_down(int socket_fd, const char *name)
{
    char driver[PATH_MAX], path[PATH_MAX];
    snprintf(path, sizeof(path), "/sys/class/net/%s/device/driver", name);
    ssize_t length = readlink(path, driver, sizeof(driver) - 1);
    if (length < 0)
        return;
    driver[length] = 0;
    if (strstr(driver, "/uml-vector") == NULL)
        return;
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    if (ioctl(socket_fd, SIOCGIFFLAGS, &request) < 0)
        return;
    request.ifr_flags &= (short)~IFF_UP;
    ioctl(socket_fd, SIOCSIFFLAGS, &request);
}

void links_down(void)
{
    int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    DIR *links = opendir("/sys/class/net");
    if (links != NULL && socket_fd >= 0) {
        for (struct dirent *link = readdir(links); link != NULL; link = readdir(links))
            take_link_down(socket_fd, link->d_name);
    }
    if (links != NULL)
        closedir(links);
    if (socket_fd >= 0)
        close(socket_fd);
}
