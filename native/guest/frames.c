/*
 * violin-frames: a cable tester. Sends every Ethernet frame there is between two guests, and compares every byte.
 *
 * Theory of operation
 * -------------------
 * For each kind (unicast; broadcast as ARP; IPv6 multicast; unicast with an 802.1Q tag) and each length from 60 bytes
 * to the longest the vNIC takes, the sender sends one frame. All its bytes follow from addresses, kind, length and
 * seed, so the receiver makes each frame again and compares it. What it keeps is a mark for each kind and length.
 *
 * Queues on the way are finite and nothing below Ethernet holds a sender back, so the sender asks after each WINDOW of
 * frames, and goes on when the receiver has answered. Asked again is only after a lost question, or while the receiver
 * has not started yet; test frames are sent once, and a lost one is told as missing. Questions and answers are made and
 * checked like test frames. The first question is a broadcast: so the sender learns who receives, and the receiver the
 * seed and the lengths.
 *
 * The kernel takes an 802.1Q tag out of a frame that it receives, and hands it to packet sockets beside the frame
 * (PACKET_AUXDATA); receive_frame puts it back.
 *
 * In an ARP or IPv6 frame, stacks that receive it find neither a hardware type nor a version they know, and drop it.
 *
 * It also floods: sends what a station should not, and nobody is to suffer from but its own network.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum kind { UNICAST, BROADCAST, MULTICAST, TAGGED, KINDS, ASK = KINDS, ASK_LAST, ANSWER };

enum {
    LENGTH_MIN = 60,
    MTU_MAX = 9000,
    TAG_BYTES = 4,
    LENGTH_MAX = ETH_HLEN + TAG_BYTES + MTU_MAX,
    HEADER_BYTES = 16,  /* behind the EtherType: magic and kind, length, longest length, seed, number */
    MAGIC = 0x566631,   /* "Vf1" */
    WINDOW = 32,        /* frames on the way at most; less than any queue between two guests holds */
    REPEAT_MS = 500,
    SILENT_MS = 15000,
    ETHERTYPE_OURS = 0x88b5, /* IEEE 802: local experimental EtherType 1 */
    ETHERTYPES = 0x10000,
    VLANS = 0x1000,
    BPDUS = 1600,        /* to the 16 addresses in turn */
    QUEUE_FULL_US = 500, /* then it is tried again */
};

enum mark { MISSING, INTACT, DIFFERS, TWICE };

struct header {
    uint8_t kind;
    uint16_t length;  /* of the whole frame, a tag included */
    uint16_t longest; /* untagged frame of this test */
    uint32_t seed;
    uint32_t number; /* of the window, in questions and answers */
};

struct nic {
    int socket;
    uint8_t mac[ETH_ALEN];
    uint16_t longest;
};

static const char *const KIND_NAMES[KINDS] = {"unicast", "broadcast", "multicast", "tagged"};
static const uint8_t EVERYONE[ETH_ALEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t ALL_NODES[ETH_ALEN] = {0x33, 0x33, 0, 0, 0, 1};
static const uint8_t NOBODY[ETH_ALEN] = {0x02, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t BRIDGES[ETH_ALEN] = {0x01, 0x80, 0xc2, 0, 0, 0};
static uint8_t marks[KINDS][LENGTH_MAX + 1];

_Noreturn static void die(const char *what)
{
    fprintf(stderr, "violin-frames: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- frames ---- */

static void put(uint8_t *to, uint32_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

static uint32_t get(const uint8_t *from, size_t bytes)
{
    uint32_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | from[i];
    return value;
}

/* SplitMix64: a stream of bytes whose every bit depends on every bit of the header. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t mixed = *state += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return mixed ^ mixed >> 31;
}

static const uint8_t *destination(enum kind kind, const uint8_t *peer)
{
    return kind == BROADCAST ? EVERYONE : kind == MULTICAST ? ALL_NODES : peer;
}

static uint16_t ether_type(enum kind kind)
{
    return kind == BROADCAST ? ETH_P_ARP : kind == MULTICAST ? ETH_P_IPV6 : ETHERTYPE_OURS;
}

static size_t tag_bytes(enum kind kind)
{
    return kind == TAGGED ? TAG_BYTES : 0;
}

/* Makes the one frame that belongs to header and sender: a change to either would not go with the bytes behind. */
static void make_frame(uint8_t *frame, const uint8_t *to, const uint8_t *from, const struct header *h)
{
    uint64_t state = (uint64_t)get(from, 2) << 32 | get(from + 2, 4);
    state = next_random(&state) ^ ((uint64_t)h->seed << 32 | h->number);
    state = next_random(&state) ^ ((uint64_t)h->longest << 32 | (uint64_t)h->length << 8 | h->kind);
    uint8_t *at = frame + 2 * ETH_ALEN;
    memcpy(frame, to, ETH_ALEN);
    memcpy(frame + ETH_ALEN, from, ETH_ALEN);
    if (h->kind == TAGGED) {
        put(at, ETH_P_8021Q, 2);
        put(at + 2, (uint16_t)next_random(&state), 2); /* any priority, any VLAN, 0 and 4095 too */
        at += TAG_BYTES;
    }
    put(at, ether_type(h->kind), 2);
    put(at + 2, (uint32_t)MAGIC << 8 | h->kind, 4);
    put(at + 6, h->length, 2);
    put(at + 8, h->longest, 2);
    put(at + 10, h->seed, 4);
    put(at + 14, h->number, 4);
    for (at += 2 + HEADER_BYTES; at < frame + h->length; at++)
        *at = (uint8_t)(next_random(&state) >> 56);
}

/* Reads the header of a frame that may be one of ours. */
static bool read_header(const uint8_t *frame, size_t length, struct header *h)
{
    if (length < LENGTH_MIN || length > LENGTH_MAX)
        return false;
    const uint8_t *at = frame + 2 * ETH_ALEN + (get(frame + 2 * ETH_ALEN, 2) == ETH_P_8021Q ? TAG_BYTES : 0) + 2;
    if (get(at, 3) != MAGIC)
        return false;
    *h = (struct header){
        .kind = at[3],
        .length = (uint16_t)get(at + 4, 2),
        .longest = (uint16_t)get(at + 6, 2),
        .seed = get(at + 8, 4),
        .number = get(at + 12, 4),
    };
    return h->kind <= ANSWER && h->length == length;
}

/* Where a frame departs from the one its header stands for; its length if nowhere. */
static size_t first_difference(const uint8_t *frame, const uint8_t *to, const uint8_t *from, const struct header *h)
{
    static uint8_t expected[LENGTH_MAX];
    make_frame(expected, to, from, h);
    size_t at = 0;
    while (at < h->length && frame[at] == expected[at])
        at++;
    return at;
}

/* ---- the vNIC ---- */

static struct nic open_nic(const char *name, uint16_t protocol)
{
    struct nic nic = {.socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)};
    struct ifreq request = {0};
    if (nic.socket < 0)
        die("packet socket");
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(nic.socket, SIOCGIFHWADDR, &request) < 0)
        die(name);
    memcpy(nic.mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
    if (ioctl(nic.socket, SIOCGIFMTU, &request) < 0)
        die(name);
    nic.longest = (uint16_t)(ETH_HLEN + (request.ifr_mtu < MTU_MAX ? request.ifr_mtu : MTU_MAX));
    if (nic.longest < LENGTH_MIN) {
        errno = EMSGSIZE;
        die(name);
    }
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = (int)if_nametoindex(name)};
    int on = 1, bytes = 4 << 20;
    setsockopt(nic.socket, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)); /* the default does for most windows */
    if (setsockopt(nic.socket, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) < 0
        || bind(nic.socket, (struct sockaddr *)&address, sizeof(address)) < 0)
        die(name);
    return nic;
}

/*
 * Waits for a frame until deadline_ms, and takes it as it was on the wire, its tag in place. frame has TAG_BYTES more
 * room than LENGTH_MAX. Returns its length; 0: no frame came.
 */
static size_t receive_frame(const struct nic *nic, uint8_t *frame, int64_t deadline_ms)
{
    for (;;) {
        struct pollfd ready = {.fd = nic->socket, .events = POLLIN};
        int64_t left_ms = deadline_ms - now_ms();
        if (left_ms <= 0 || poll(&ready, 1, (int)left_ms) == 0)
            return 0;
        union {
            struct cmsghdr align;
            uint8_t bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
        } control;
        struct sockaddr_ll from;
        struct iovec data = {.iov_base = frame + TAG_BYTES, .iov_len = LENGTH_MAX};
        struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &data, .msg_iovlen = 1,
            .msg_control = &control, .msg_controllen = sizeof(control)};
        ssize_t got = recvmsg(nic->socket, &message, MSG_DONTWAIT | MSG_TRUNC);
        if (got < 0 && errno != EAGAIN && errno != EINTR)
            die("receive");
        if (got < ETH_HLEN || got > LENGTH_MAX || from.sll_pkttype == PACKET_OUTGOING)
            continue;
        struct tpacket_auxdata about = {0};
        struct cmsghdr *note = CMSG_FIRSTHDR(&message);
        if (note != NULL && note->cmsg_level == SOL_PACKET && note->cmsg_type == PACKET_AUXDATA)
            memcpy(&about, CMSG_DATA(note), sizeof(about));
        if (!(about.tp_status & TP_STATUS_VLAN_VALID)) {
            memmove(frame, frame + TAG_BYTES, (size_t)got);
            return (size_t)got;
        }
        memmove(frame, frame + TAG_BYTES, 2 * ETH_ALEN);
        put(frame + 2 * ETH_ALEN, about.tp_vlan_tpid, 2);
        put(frame + 2 * ETH_ALEN + 2, about.tp_vlan_tci, 2);
        return (size_t)got + TAG_BYTES;
    }
}

static void send_frame(const struct nic *nic, const uint8_t *to, const struct header *h)
{
    static uint8_t frame[LENGTH_MAX];
    make_frame(frame, to, nic->mac, h);
    if (send(nic->socket, frame, h->length, 0) < 0)
        die("send");
}

/* ---- the receiver ---- */

static void mark_frame(const uint8_t *frame, const uint8_t *to, const uint8_t *from, const struct header *h)
{
    uint8_t *mark = &marks[h->kind][h->length];
    size_t at = first_difference(frame, to, from, h);
    if (at < h->length) {
        printf("%s %u differs from byte %zu on\n", KIND_NAMES[h->kind], h->length, at);
        *mark = DIFFERS;
    } else if (*mark != MISSING) {
        printf("%s %u came again\n", KIND_NAMES[h->kind], h->length);
        *mark = TWICE;
    } else {
        *mark = INTACT;
    }
}

/* Prints what is missing, and the sum. Returns the exit status. */
static int report(const struct header *test)
{
    unsigned count[TWICE + 1] = {0};
    for (enum kind kind = UNICAST; kind < KINDS; kind++) {
        size_t last = test->longest + tag_bytes(kind);
        for (size_t length = LENGTH_MIN; length <= last; length++) {
            uint8_t mark = marks[kind][length];
            count[mark]++;
            if (mark == MISSING)
                printf("%s %zu missing\n", KIND_NAMES[kind], length);
        }
    }
    unsigned all = count[MISSING] + count[INTACT] + count[DIFFERS] + count[TWICE];
    printf("%u of %u frames of %u to %u bytes came as they were sent (%u missing, %u different, %u again), seed %u\n",
        count[INTACT], all, LENGTH_MIN, test->longest, count[MISSING], count[DIFFERS], count[TWICE], test->seed);
    return count[INTACT] == all ? 0 : 1;
}

static int receive(const char *name)
{
    static uint8_t frame[LENGTH_MAX + TAG_BYTES];
    struct nic nic = open_nic(name, ETH_P_ALL);
    struct header test = {0}, h;
    uint8_t sender[ETH_ALEN];
    for (;;) {
        size_t length = receive_frame(&nic, frame, now_ms() + SILENT_MS);
        if (length == 0) {
            fprintf(stderr, "violin-frames: nothing was sent for %d s\n", SILENT_MS / 1000);
            return test.longest == 0 ? 1 : report(&test);
        }
        if (!read_header(frame, length, &h) || h.kind == ANSWER)
            continue;
        if (h.kind == ASK || h.kind == ASK_LAST) {
            bool first = test.longest == 0;
            const uint8_t *to = h.number == 0 ? EVERYONE : nic.mac;
            if (first)
                memcpy(sender, frame + ETH_ALEN, ETH_ALEN);
            if (first_difference(frame, to, sender, &h) < length || h.longest < LENGTH_MIN
                || h.longest > LENGTH_MAX - TAG_BYTES || (!first && h.seed != test.seed))
                continue;
            test = h;
            h.kind = ANSWER;
            send_frame(&nic, sender, &h);
            if (test.kind == ASK_LAST)
                return report(&test);
        } else if (test.longest != 0 && h.seed == test.seed && h.longest == test.longest
            && length <= test.longest + tag_bytes(h.kind)) {
            mark_frame(frame, destination(h.kind, nic.mac), sender, &h);
        }
    }
}

/* ---- the sender ---- */

/* Asks until the receiver has answered; the answer to the first question (number 0) tells who it is. */
static void ask(const struct nic *nic, uint8_t *receiver, const struct header *question)
{
    static uint8_t frame[LENGTH_MAX + TAG_BYTES];
    int64_t began_ms = now_ms();
    struct header answer;
    while (now_ms() - began_ms < SILENT_MS) {
        int64_t deadline_ms = now_ms() + REPEAT_MS;
        size_t length;
        send_frame(nic, question->number == 0 ? EVERYONE : receiver, question);
        while ((length = receive_frame(nic, frame, deadline_ms)) > 0) {
            if (!read_header(frame, length, &answer) || answer.kind != ANSWER || answer.seed != question->seed
                || answer.number != question->number)
                continue;
            if (question->number == 0)
                memcpy(receiver, frame + ETH_ALEN, ETH_ALEN);
            if (first_difference(frame, nic->mac, receiver, &answer) == length)
                return;
        }
    }
    fprintf(stderr, "violin-frames: no answer to question %u for %d s, seed %u\n", question->number, SILENT_MS / 1000,
        question->seed);
    exit(1);
}

static int send_all(const char *name)
{
    struct nic nic = open_nic(name, ETHERTYPE_OURS);
    uint8_t receiver[ETH_ALEN];
    struct header question = {.kind = ASK, .length = LENGTH_MIN, .longest = nic.longest};
    if (getrandom(&question.seed, sizeof(question.seed), 0) != sizeof(question.seed))
        die("random");
    ask(&nic, receiver, &question);
    unsigned sent = 0;
    for (enum kind kind = UNICAST; kind < KINDS; kind++) {
        size_t last = nic.longest + tag_bytes(kind);
        for (size_t length = LENGTH_MIN; length <= last; length++) {
            struct header h = {.kind = (uint8_t)kind, .length = (uint16_t)length, .longest = nic.longest,
                .seed = question.seed};
            send_frame(&nic, destination(kind, receiver), &h);
            if (++sent % WINDOW == 0) {
                question.number++;
                ask(&nic, receiver, &question);
            }
        }
    }
    question.number++;
    question.kind = ASK_LAST;
    ask(&nic, receiver, &question);
    printf("%u frames sent, seed %u\n", sent, question.seed);
    return 0;
}

/* ---- the flood ---- */

/* Sends a short frame: addresses, then words, which are tags and the EtherType, then the mark as far as it fits. */
static void send_marked(const struct nic *nic, const uint8_t *to, const uint8_t *from, const uint16_t *words,
    size_t count, const char *mark)
{
    uint8_t frame[LENGTH_MIN] = {0};
    uint8_t *at = frame + 2 * ETH_ALEN;
    memcpy(frame, to, ETH_ALEN);
    memcpy(frame + ETH_ALEN, from, ETH_ALEN);
    for (size_t i = 0; i < count; i++, at += 2)
        put(at, words[i], 2);
    size_t room = (size_t)(frame + sizeof(frame) - at), length = strlen(mark);
    memcpy(at, mark, length < room ? length : room);
    while (send(nic->socket, frame, sizeof(frame), 0) < 0) {
        if (errno != ENOBUFS && errno != EAGAIN)
            die("send");
        usleep(QUEUE_FULL_US);
    }
}

/*
 * Frames from as many forged addresses as wanted, to everybody and to nobody in turn; then from the station's own: of
 * every EtherType, of every VLAN under one tag and under two, and to the addresses that bridges speak to each other by.
 */
static int flood(const char *name, unsigned long forged, const char *mark)
{
    struct nic nic = open_nic(name, ETHERTYPE_OURS);
    uint64_t state;
    if (getrandom(&state, sizeof(state), 0) != sizeof(state))
        die("random");
    const uint16_t ours = ETHERTYPE_OURS;
    for (unsigned long i = 0; i < forged; i++) {
        uint8_t from[ETH_ALEN] = {0x02};
        put(from + 1, (uint32_t)next_random(&state), 4);
        put(from + 5, (uint32_t)i, 1);
        send_marked(&nic, i % 2 == 0 ? EVERYONE : NOBODY, from, &ours, 1, mark);
    }
    for (uint32_t i = 0; i < ETHERTYPES; i++) {
        const uint16_t type = (uint16_t)i;
        send_marked(&nic, EVERYONE, nic.mac, &type, 1, mark);
    }
    for (uint32_t i = 0; i < VLANS; i++) {
        const uint16_t vlan = (uint16_t)i;
        const uint16_t tags[] = {ETH_P_8021AD, vlan, ETH_P_8021Q, vlan, ETHERTYPE_OURS};
        send_marked(&nic, EVERYONE, nic.mac, tags + 2, 3, mark);
        send_marked(&nic, EVERYONE, nic.mac, tags, 5, mark);
    }
    for (uint32_t i = 0; i < BPDUS; i++) {
        uint8_t to[ETH_ALEN];
        memcpy(to, BRIDGES, ETH_ALEN);
        to[ETH_ALEN - 1] = (uint8_t)(i % 16);
        send_marked(&nic, to, nic.mac, &ours, 1, mark);
    }
    printf("%lu frames sent\n", forged + ETHERTYPES + 2 * VLANS + BPDUS);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "receive") == 0)
        return receive(argv[2]);
    if (argc == 3 && strcmp(argv[1], "send") == 0)
        return send_all(argv[2]);
    if (argc == 5 && strcmp(argv[1], "flood") == 0)
        return flood(argv[2], strtoul(argv[3], NULL, 10), argv[4]);
    fprintf(stderr, "usage: violin-frames receive INTERFACE\n       violin-frames send INTERFACE\n"
        "       violin-frames flood INTERFACE FORGED-ADDRESSES MARK\n");
    return 2;
}
