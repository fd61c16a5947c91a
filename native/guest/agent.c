/*
 * The guest agent: runs commands in a guest for the daemon at the other end of a serial line.
 *
 * Theory of operation
 * -------------------
 * The line (/dev/ttyS0) is a pair of FIFOs of the host that outlive the daemon: a byte stream that never ends, on which
 * a daemon may vanish in the middle of a frame and another one take its place. agent.h has the frames and how both ends
 * find their place again.
 *
 * To the guest, frames are short and go one by one, each after the ACK of the one before. This is not only flow
 * control: UML's serial driver stops reading for good once 4 KiB wait in its tty (it throttles, and forgets to go on).
 *
 * Flow: a command starts with AGENT_INITIAL_CREDIT bytes of output; without credit its pipes are not read and it
 * blocks, alone. Output is taken only when a whole frame fits the line's buffer, input only when an answer to it does,
 * so memory is bounded by the static tables here. A command that has ended is reported as soon as its pipes are empty:
 * a descendant that keeps them open holds nothing up.
 *
 * A daemon that has said nothing for DAEMON_SILENT_MS is dead, and the switch with it. The agent then takes the vNICs
 * down, for UML turns in circles on a socket that has been closed, and announces itself; whoever hears it opens an
 * epoch and configures the guest as after a boot.
 *
 * One thread, one poll loop. The daemon is trusted to run anything; the bytes on the line are not trusted at all.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"
#include "links.h"

enum {
    COMMANDS_MAX = 32,
    ARGV_MAX = 256,
    CANCEL_GRACE_MS = 2000,
    DAEMON_SILENT_MS = 12000, /* four of its PINGs */
    LINE_OUT_BYTES = 4 * AGENT_FROM_GUEST_FRAME_MAX,
    /* Kept free in the line's buffer for the answer to one frame of input, which is a HELLO, or an ACK and a FAILED. */
    ANSWER_BYTES = 2 * AGENT_FRAME_OVERHEAD + 256,
};

struct command {
    bool used;
    bool abandoned; /* its epoch is over: reap it, say nothing */
    bool exited;
    uint32_t id;
    uint32_t status;
    pid_t pid;
    int pipes[2]; /* its stdout and stderr; -1 after end of file */
    uint64_t credit_bytes;
    int64_t kill_at_ms; /* 0: not cancelled */
};

struct agent {
    int line;
    int signals;
    uint32_t epoch; /* 0: no daemon */
    int64_t heard_at_ms;
    bool announce; /* a HELLO of epoch 0 is due */
    size_t in_bytes;
    size_t out_bytes;
    uint32_t arguments_id;
    size_t arguments_bytes;
    struct command commands[COMMANDS_MAX];
    uint8_t in[2 * AGENT_TO_GUEST_FRAME_MAX];
    uint8_t out[LINE_OUT_BYTES];
    uint8_t arguments[AGENT_ARGUMENTS_MAX];
};

static struct agent the_agent;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void die(const char *what)
{
    dprintf(STDERR_FILENO, "violin-agent: %s: %s\n", what, strerror(errno));
    exit(1);
}

static size_t room(const struct agent *a)
{
    return sizeof(a->out) - a->out_bytes;
}

/* The caller has made sure of the room. */
static void send_frame(struct agent *a, uint8_t type, uint32_t id, const void *payload, size_t length)
{
    a->out_bytes += agent_encode(a->out + a->out_bytes, type, a->epoch, id, payload, length);
}

static void send_u32(struct agent *a, uint8_t type, uint32_t id, uint32_t value)
{
    uint8_t payload[4];
    agent_put32(payload, value);
    send_frame(a, type, id, payload, sizeof(payload));
}

static void send_failed(struct agent *a, uint32_t id, const char *text)
{
    send_frame(a, AGENT_FAILED, id, text, strnlen(text, 200));
}

/* ---- commands ---- */

static struct command *find_command(struct agent *a, uint32_t id)
{
    for (int i = 0; i < COMMANDS_MAX; i++) {
        if (a->commands[i].used && !a->commands[i].abandoned && a->commands[i].id == id)
            return &a->commands[i];
    }
    return NULL;
}

static void close_pipe(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void abandon_all(struct agent *a)
{
    for (int i = 0; i < COMMANDS_MAX; i++) {
        struct command *c = &a->commands[i];
        if (!c->used)
            continue;
        c->abandoned = true;
        close_pipe(&c->pipes[0]);
        close_pipe(&c->pipes[1]);
        if (c->exited)
            c->used = false;
        else
            kill(-c->pid, SIGKILL);
    }
}

/* Where commands are looked for, by the agent and by what they start. */
#define COMMAND_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_Noreturn static void run_child(char **argv, int out, int err)
{
    static char *environment[] = {
        "PATH=" COMMAND_PATH, "HOME=/root", "TERM=linux", "USER=root",
        NULL,
    };
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setsid();
    int null = open("/dev/null", O_RDONLY);
    dup2(null, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    close(null);
    if (chdir("/root") == 0)
        execvpe(argv[0], argv, environment);
    int error = errno;
    dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(error));
    _exit(error == ENOENT ? 127 : 126);
}

static int start_command(struct command *c, char **argv)
{
    int out[2], err[2];
    if (pipe2(out, O_CLOEXEC) < 0)
        return -errno;
    if (pipe2(err, O_CLOEXEC) < 0) {
        int error = errno;
        close(out[0]);
        close(out[1]);
        return -error;
    }
    pid_t pid = vfork(); /* returns after the child's exec, so its group is there to be killed */
    int error = errno;
    if (pid == 0)
        run_child(argv, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    if (pid < 0) {
        close(out[0]);
        close(err[0]);
        return -error;
    }
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    fcntl(err[0], F_SETFL, O_NONBLOCK);
    *c = (struct command){.used = true, .pid = pid, .pipes = {out[0], err[0]}, .credit_bytes = AGENT_INITIAL_CREDIT};
    return 0;
}

/* Keeps a part of a command's argv. The daemon sends the parts of one command after another. */
static void on_arguments(struct agent *a, uint32_t id, const uint8_t *payload, size_t length)
{
    if (a->arguments_id != id)
        a->arguments_bytes = 0;
    a->arguments_id = id;
    if (length > sizeof(a->arguments) - a->arguments_bytes)
        length = sizeof(a->arguments) - a->arguments_bytes; /* no daemon sends so much; cut, it will not end with NUL */
    memcpy(a->arguments + a->arguments_bytes, payload, length);
    a->arguments_bytes += length;
}

static void on_run(struct agent *a, uint32_t id)
{
    char *argv[ARGV_MAX + 1];
    size_t argc = 0, length = a->arguments_bytes;
    a->arguments_bytes = 0;
    if (length == 0 || a->arguments[length - 1] != 0) {
        send_failed(a, id, "malformed argument list");
        return;
    }
    for (size_t at = 0; at < length; at += strlen((char *)a->arguments + at) + 1) {
        if (argc == ARGV_MAX) {
            send_failed(a, id, "more than 256 arguments");
            return;
        }
        argv[argc++] = (char *)a->arguments + at;
    }
    argv[argc] = NULL;
    if (find_command(a, id) != NULL) {
        send_failed(a, id, "the id is in use");
        return;
    }
    for (int i = 0; i < COMMANDS_MAX; i++) {
        struct command *c = &a->commands[i];
        if (c->used)
            continue;
        int error = start_command(c, argv);
        if (error < 0)
            send_failed(a, id, strerror(-error));
        c->id = id;
        return;
    }
    send_failed(a, id, "32 commands are running already");
}

static void on_cancel(struct agent *a, uint32_t id)
{
    struct command *c = find_command(a, id);
    if (c == NULL || c->exited || c->kill_at_ms != 0)
        return;
    kill(-c->pid, SIGTERM);
    c->kill_at_ms = now_ms() + CANCEL_GRACE_MS;
}

static void on_credit(struct agent *a, uint32_t id, const uint8_t *payload, size_t length)
{
    struct command *c = find_command(a, id);
    if (c == NULL || length != 4)
        return;
    c->credit_bytes += agent_get32(payload);
    if (c->credit_bytes > AGENT_INITIAL_CREDIT)
        c->credit_bytes = AGENT_INITIAL_CREDIT;
}

static void on_poweroff(struct agent *a)
{
    abandon_all(a);
    kill(-1, SIGTERM);
    struct timespec moment = {.tv_nsec = 100 * 1000000};
    nanosleep(&moment, NULL);
    kill(-1, SIGKILL);
    sync();
    mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL);
    reboot(RB_POWER_OFF);
}

static void reap(struct agent *a)
{
    struct signalfd_siginfo info;
    while (read(a->signals, &info, sizeof(info)) > 0)
        ;
    for (int i = 0; i < COMMANDS_MAX; i++) {
        struct command *c = &a->commands[i];
        siginfo_t ended = {0};
        if (!c->used || c->exited || waitid(P_PID, (id_t)c->pid, &ended, WEXITED | WNOHANG | WNOWAIT) < 0
            || ended.si_pid == 0)
            continue;
        if (c->kill_at_ms != 0 || c->abandoned)
            kill(-c->pid, SIGKILL); /* the rest of its group, while the zombie still holds the number */
        int status;
        waitpid(c->pid, &status, 0);
        c->exited = true;
        c->status = WIFSIGNALED(status) ? 128 + (uint32_t)WTERMSIG(status) : (uint32_t)WEXITSTATUS(status);
        if (c->abandoned)
            c->used = false;
    }
}

/* Moves output of one pipe into the line's buffer. True: nothing is left in it for now. */
static bool pump(struct agent *a, struct command *c, int which)
{
    static uint8_t chunk[AGENT_FROM_GUEST_PAYLOAD_MAX];
    while (c->pipes[which] >= 0) {
        if (c->credit_bytes == 0 || room(a) < AGENT_FROM_GUEST_FRAME_MAX + ANSWER_BYTES)
            return false;
        size_t want = c->credit_bytes < sizeof(chunk) ? (size_t)c->credit_bytes : sizeof(chunk);
        ssize_t got = read(c->pipes[which], chunk, want);
        if (got < 0 && errno == EAGAIN)
            return true;
        if (got <= 0) {
            close_pipe(&c->pipes[which]);
            return true;
        }
        c->credit_bytes -= (uint64_t)got;
        send_frame(a, which == 0 ? AGENT_STDOUT : AGENT_STDERR, c->id, chunk, (size_t)got);
    }
    return true;
}

static void serve_commands(struct agent *a)
{
    for (int i = 0; i < COMMANDS_MAX; i++) {
        struct command *c = &a->commands[i];
        if (!c->used || c->abandoned)
            continue;
        if (c->kill_at_ms != 0 && !c->exited && now_ms() >= c->kill_at_ms)
            kill(-c->pid, SIGKILL);
        bool ended = c->exited; /* read before the pipes: what was written before the end is then in them */
        bool drained = pump(a, c, 0);
        drained &= pump(a, c, 1);
        if (c->kill_at_ms != 0 && c->credit_bytes == 0)
            drained = true; /* whoever cancelled it may have gone without taking the rest */
        if (!ended || !drained || room(a) < 2 * ANSWER_BYTES)
            continue;
        send_u32(a, AGENT_EXIT, c->id, c->status);
        close_pipe(&c->pipes[0]);
        close_pipe(&c->pipes[1]);
        c->used = false;
    }
}

/* ---- the line ---- */

static void on_frame(struct agent *a, const struct agent_frame *frame)
{
    if (frame->type == AGENT_HELLO && frame->epoch != 0) {
        if (frame->epoch != a->epoch)
            abandon_all(a);
        a->epoch = frame->epoch;
        a->announce = false;
        a->heard_at_ms = now_ms();
        send_frame(a, AGENT_HELLO, 0, NULL, 0);
        return;
    }
    if (frame->epoch != a->epoch || a->epoch == 0)
        return;
    a->heard_at_ms = now_ms();
    send_frame(a, AGENT_ACK, frame->id, NULL, 0);
    switch (frame->type) {
    case AGENT_ARGUMENTS: on_arguments(a, frame->id, frame->payload, frame->length); break;
    case AGENT_RUN:
        on_arguments(a, frame->id, frame->payload, frame->length);
        on_run(a, frame->id);
        break;
    case AGENT_CANCEL: on_cancel(a, frame->id); break;
    case AGENT_CREDIT: on_credit(a, frame->id, frame->payload, frame->length); break;
    case AGENT_POWEROFF: on_poweroff(a); break;
    default: break;
    }
}

static void read_line(struct agent *a)
{
    ssize_t got = read(a->line, a->in + a->in_bytes, sizeof(a->in) - a->in_bytes);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        die("the line is gone");
    if (got > 0)
        a->in_bytes += (size_t)got;
}

static void serve_input(struct agent *a)
{
    size_t at = 0;
    struct agent_frame frame;
    while (room(a) >= ANSWER_BYTES && agent_decode(a->in, a->in_bytes, &at, AGENT_TO_GUEST_PAYLOAD_MAX, &frame))
        on_frame(a, &frame);
    memmove(a->in, a->in + at, a->in_bytes - at);
    a->in_bytes -= at;
}

static void write_line(struct agent *a)
{
    ssize_t sent = write(a->line, a->out, a->out_bytes);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        die("the line is gone");
    if (sent <= 0)
        return;
    a->out_bytes -= (size_t)sent;
    memmove(a->out, a->out + sent, a->out_bytes);
}

static void open_line(struct agent *a, const char *path)
{
    struct termios raw;
    a->line = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (a->line < 0 || tcgetattr(a->line, &raw) < 0)
        die(path);
    cfmakeraw(&raw);
    raw.c_cflag |= CLOCAL;
    if (tcsetattr(a->line, TCSANOW, &raw) < 0)
        die(path);
    memset(a->out, 0, AGENT_FROM_GUEST_FRAME_MAX);
    a->out_bytes = AGENT_FROM_GUEST_FRAME_MAX;
    a->announce = true;
}

/* ---- a daemon that is gone ---- */

static void on_silence(struct agent *a)
{
    abandon_all(a);
    a->epoch = 0;
    a->announce = true;
    links_down();
}

/* One round: waits until something can be done, or a cancelled command has to be killed. */
static void serve(struct agent *a)
{
    struct pollfd fds[2 + 2 * COMMANDS_MAX];
    nfds_t count = 2;
    int timeout_ms = a->epoch != 0 ? DAEMON_SILENT_MS / 4 : -1;
    bool roomy = room(a) >= AGENT_FROM_GUEST_FRAME_MAX + ANSWER_BYTES;
    fds[0] = (struct pollfd){.fd = a->signals, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = a->line, .events = a->out_bytes > 0 ? POLLOUT : 0};
    if (a->in_bytes < sizeof(a->in) && room(a) >= ANSWER_BYTES)
        fds[1].events |= POLLIN;
    for (int i = 0; i < COMMANDS_MAX; i++) {
        const struct command *c = &a->commands[i];
        if (!c->used || c->abandoned)
            continue;
        if (c->kill_at_ms != 0)
            timeout_ms = 100;
        for (int which = 0; which < 2; which++) {
            if (roomy && c->credit_bytes > 0 && c->pipes[which] >= 0)
                fds[count++] = (struct pollfd){.fd = c->pipes[which], .events = POLLIN};
        }
    }
    if (a->announce && room(a) >= ANSWER_BYTES)
        timeout_ms = 0;
    if (poll(fds, count, timeout_ms) < 0 && errno != EINTR)
        die("poll");
    reap(a);
    if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))
        die("the line is gone");
    if (fds[1].revents & POLLIN)
        read_line(a);
    serve_input(a);
    serve_commands(a);
    if (a->epoch != 0 && now_ms() - a->heard_at_ms > DAEMON_SILENT_MS)
        on_silence(a);
    if (a->announce && room(a) >= ANSWER_BYTES) {
        a->announce = false;
        send_frame(a, AGENT_HELLO, 0, NULL, 0);
    }
    if (a->out_bytes > 0)
        write_line(a);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        dprintf(STDERR_FILENO, "usage: violin-agent TTY\n");
        return 2;
    }
    struct agent *a = &the_agent;
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, NULL);
    signal(SIGPIPE, SIG_IGN);
    /* execvpe looks in its caller's, and the child that calls it shares this one's memory. */
    setenv("PATH", COMMAND_PATH, 1);
    a->signals = signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC);
    if (a->signals < 0)
        die("signalfd");
    open_line(a, argv[1]);
    for (;;)
        serve(a);
}
