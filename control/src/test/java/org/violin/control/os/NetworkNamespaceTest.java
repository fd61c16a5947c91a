package org.violin.control.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NetworkNamespaceTest {
    @BeforeEach
    void requireRoot() {
        assumeTrue(Libc.isRoot(), "namespaces need root");
    }

    private static String current() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
    }

    @Test
    void socketsAreInItAndThreadsAreNot() throws IOException {
        String home = current();
        try (NetworkNamespace namespace = NetworkNamespace.create()) {
            AtomicReference<String> inside = new AtomicReference<>();
            ServerSocketChannel socket = namespace.open(() -> {
                inside.set(current());
                return ServerSocketChannel.open(StandardProtocolFamily.INET);
            });
            assertThat(inside.get()).isNotEqualTo(home);
            assertThat(current()).isEqualTo(home);
            Command.run(List.of("nsenter", "--net=" + namespace.path(), "ip", "addr", "add", "192.0.2.1/32", "dev",
                "lo"), Duration.ofSeconds(10)).orThrow();
            socket.bind(new InetSocketAddress("192.0.2.1", 7001));
            assertThatThrownBy(() -> ServerSocketChannel.open().bind(new InetSocketAddress("192.0.2.1", 7001)))
                .hasMessageContaining("assign");
        }
    }

    @Test
    void whatFailsInsideIsToldAndItsSocketsGoWithIt() throws IOException {
        NetworkNamespace namespace = NetworkNamespace.create();
        assertThatThrownBy(() -> namespace.open(() -> {
            throw new IOException("no");
        })).isInstanceOf(IOException.class).hasMessage("no");
        ServerSocketChannel socket = namespace.open(ServerSocketChannel::open);
        namespace.close();
        namespace.close();
        assertThat(socket.isOpen()).isFalse();
        assertThatThrownBy(() -> namespace.open(ServerSocketChannel::open)).isInstanceOf(IOException.class);
    }
}
