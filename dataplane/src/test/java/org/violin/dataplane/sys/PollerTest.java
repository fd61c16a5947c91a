package org.violin.dataplane.sys;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;
import org.violin.dataplane.Namespace;

/** What tests of pollers begin with: a poller's kind, and a host of their own. */
abstract class PollerTest {
    /**
     * io_uring has small frames share slots where the kernel is able to, and slots are large enough. Narrow, its queues
     * overflow all the time.
     */
    enum Kind { EPOLL, IO_URING, IO_URING_UNSHARED, IO_URING_NARROW }

    @Parameter
    Kind kind;

    /** A namespace is one thread's, and so is a poller. */
    Namespace host;

    @BeforeEach
    final void enter() {
        PollerRig.require(kind);
        host = new Namespace();
        host.silence();
    }

    @AfterEach
    final void leave() {
        if (host != null) {
            host.close();
        }
    }
}
