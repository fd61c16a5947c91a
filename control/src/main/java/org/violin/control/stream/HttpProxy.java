package org.violin.control.stream;

import io.netty.channel.EventLoop;
import io.netty.handler.proxy.HttpProxyHandler;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * A proxy that passes connections on by HTTP's CONNECT (RFC 9110, 9.3.6).
 *
 * @param user     null: it wants none
 * @param password empty without user
 */
public record HttpProxy(String host, int port, String user, String password) {
    /** What an operator is told when there is none of its name. */
    public static final String UNKNOWN = "the proxy's name does not resolve";

    private static final int HTTP_PORT = 80;

    /**
     * Parses {@code http://[user:password@]host[:port]}.
     *
     * @throws IllegalArgumentException which does not tell the password
     */
    public static HttpProxy parse(String text) {
        try {
            URI uri = new URI(text);
            boolean hasMore = !uri.getRawPath().isEmpty() && !uri.getRawPath().equals("/") || uri.getRawQuery() != null;
            if (!"http".equals(uri.getScheme()) || uri.getHost() == null || hasMore || uri.getPort() > 65_535) {
                throw wrong();
            }
            int port = uri.getPort() < 0 ? HTTP_PORT : uri.getPort();
            String[] login = uri.getRawUserInfo() == null ? null : uri.getRawUserInfo().split(":", 2);
            String host = uri.getHost().replaceAll("[\\[\\]]", "");
            return login == null ? new HttpProxy(host, port, null, "")
                : new HttpProxy(host, port, decoded(login[0]), login.length == 1 ? "" : decoded(login[1]));
        } catch (URISyntaxException | NullPointerException e) {
            throw wrong();
        }
    }

    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static IllegalArgumentException wrong() {
        return new IllegalArgumentException("expected http://[USER:PASSWORD@]HOST[:PORT], such as"
            + " http://proxy.example.net:3128");
    }

    /**
     * Makes the handler of one connection. The proxy's name is looked up for it, which takes as long as it takes, on
     * another thread.
     *
     * @param taker is called on {@code loop}; with null if there is no such name
     */
    public void handler(EventLoop loop, Consumer<HttpProxyHandler> taker) {
        Thread.ofVirtual().start(() -> {
            InetSocketAddress address = new InetSocketAddress(host, port);
            loop.execute(() -> taker.accept(address.isUnresolved() ? null
                : user == null ? new HttpProxyHandler(address) : new HttpProxyHandler(address, user, password)));
        });
    }

    /** Without user and password. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
