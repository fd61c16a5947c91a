package org.violin.control.vnet;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.net.ssl.SSLSocket;
import org.violin.control.identity.Identity;
import org.violin.control.identity.PinnedTls;

/**
 * A client of a server, with a session of its own. Its errors are {@link UncheckedIOException}s that say which server,
 * and what it has said. One thread.
 */
public final class VnetClient implements AutoCloseable {
    private static final int CONNECT_MS = 5_000;
    /** A HANDLE takes as long as the server waits for the other one. */
    private static final int ANSWER_MS = 30_000;
    /** Words of a HANDLER before its addresses. */
    private static final int MACS_AT = 10;

    private final Place server;
    private final Socket socket;
    private final InputStream in;

    /**
     * Connects, and says the password.
     *
     * @param password or {@link Password#BY_CERTIFICATE}
     * @param self     whose certificate is shown, by TLS; null: nobody's
     */
    public VnetClient(Place server, String password, Identity self) {
        this.server = server;
        Socket opened = new Socket();
        try {
            opened.connect(server.address(), CONNECT_MS);
            opened.setSoTimeout(ANSWER_MS);
            socket = server.fingerprint() == null ? opened : tls(opened, self);
            in = new BufferedInputStream(socket.getInputStream());
        } catch (IOException e) {
            close(opened);
            throw failure(e);
        }
        try {
            ask("HELLO " + password + " " + Request.VERSION);
        } catch (UncheckedIOException e) {
            close();
            throw e;
        }
    }

    private Socket tls(Socket opened, Identity self) throws IOException {
        SSLSocket tls = (SSLSocket) PinnedTls.clientContext(server.fingerprint(), self).getSocketFactory().createSocket(
            opened, server.address().getAddress().getHostAddress(), server.address().getPort(), true);
        tls.setSSLParameters(PinnedTls.parameters());
        tls.startHandshake();
        return tls;
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private UncheckedIOException failure(IOException e) {
        return new UncheckedIOException("server at " + server.text() + ": " + PinnedTls.reason(e), e);
    }

    /** The lines of an answer, without the OK that is its last. */
    private List<String> ask(String request) {
        try {
            socket.getOutputStream().write((request + "\n").getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            List<String> lines = new ArrayList<>();
            while (true) {
                String line = readLine();
                if (line.startsWith("ERROR ")) {
                    throw new IOException(line.substring("ERROR ".length()));
                }
                lines.add(line);
                if (line.startsWith("OK ")) {
                    return lines;
                }
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private String readLine() throws IOException {
        LineBuffer buffer = new LineBuffer();
        try {
            while (true) {
                int next = in.read();
                if (next < 0) {
                    throw new IOException("has closed the connection");
                }
                String line = buffer.add((byte) next);
                if (line != null) {
                    return line;
                }
            }
        } catch (Refusal e) {
            throw new IOException("is no VNET server: it has sent " + e.getMessage(), e);
        }
    }

    /**
     * Asks for a handler with another server.
     *
     * @param move   whether one of the two has it already, which is to be with the other from now on
     * @param host   whether the server here is the Host; else it is the Proxy
     * @param device of the server's
     * @param macs   as people write them; the server checks them
     * @param remotePassword or {@link Password#BY_CERTIFICATE}: the server's own
     * @param way    by what frames are to go
     * @return what the server calls it
     */
    public String add(boolean move, boolean host, String device, Place remote, String remotePassword,
        String remoteDevice, List<String> macs, Way way) {
        HandlerSpec.Role role = host ? HandlerSpec.Role.HOST : HandlerSpec.Role.PROXY;
        String addresses = macs.stream().map(mac -> mac.replace(":", "")).collect(Collectors.joining(" "));
        String answer = ask(String.join(" ", move ? "MOVE" : "HANDLE", remotePassword, role.name(), device,
            role.other().name(), remote.words(), remoteDevice, addresses) + way.text()).getLast();
        return answer.replace("OK handler ", "");
    }

    /** Ends a handler. */
    public void remove(String handler) {
        ask("CLOSE " + handler);
    }

    /** One row for each: id, role, device, where the other end is, its device, transport, up or not, addresses. */
    public List<List<String>> handlers() {
        List<List<String>> rows = new ArrayList<>();
        for (String line : ask("HANDLERS?")) {
            String[] words = line.split(" ");
            if (words[0].equals("HANDLER") && words.length > MACS_AT) {
                String state = words[2].equals("up") ? "up" : words[2] + " since " + words[3];
                List<String> last = List.of(words).subList(MACS_AT, words.length);
                int end = Way.begin(last);
                rows.add(List.of(words[1], words[6].toLowerCase(Locale.ROOT), words[7], words[4] + " " + words[5],
                    words[9], transport(words[4], last.subList(end, last.size())), state, macs(last.subList(0, end))));
            }
        }
        return rows;
    }

    /**
     * What frames are to go by, and do.
     *
     * @param connection what the connection is
     * @param way        as in {@code AUTO FEC:10+3 VIA UDP}; empty: by the connection
     */
    private static String transport(String connection, List<String> way) {
        if (way.isEmpty()) {
            return connection;
        }
        String wanted = String.join(" ", way).toLowerCase(Locale.ROOT).replace(" via ", ": ").replace("fec:", "fec ");
        return wanted.replaceFirst(": tcp$", ": " + connection);
    }

    private static String macs(List<String> macs) {
        return macs.stream().map(mac -> mac.replaceAll("(..)(?!$)", "$1:")).collect(Collectors.joining(", "));
    }

    /** One row for each: name, MAC address, MTU, up or down. */
    public List<List<String>> devices() {
        return ask("DEVICES?").stream().filter(line -> line.startsWith("DEVICE "))
            .map(line -> List.of(line.split(" "))).filter(words -> words.size() == 5)
            .map(words -> words.subList(1, words.size())).toList();
    }

    @Override
    public void close() {
        close(socket);
    }
}
