package org.violin.control.vnet;

import java.net.InetSocketAddress;

/**
 * What a handler and another server have agreed on. It outlives connections; a handler whose virtual machines have
 * moved has another one from then on.
 *
 * @param spec      as this end sees it
 * @param peer      where the other server is, two words: {@code tls 192.0.2.1:7700}
 * @param place     where this end connects to; null: the other end connects
 * @param name      what the other end calls the handler; null: not known, or of no use as the other end connects
 * @param token     null: not known yet
 * @param datagrams where the other end's UDP port is; null: not known, or frames go by the connection alone
 */
record Bond(Handler handler, HandlerSpec spec, String peer, Place place, String name, Token token,
    InetSocketAddress datagrams) {
    /** One that the other end connects for. */
    static Bond taken(Handler handler, HandlerSpec spec, String peer) {
        return new Bond(handler, spec, peer, null, null, Token.random(), null);
    }

    /** One that this end connects for, and that the other end has not agreed on yet. */
    static Bond wanted(Handler handler, Request.Handle handle) {
        return new Bond(handler, handle.spec(), handle.remote().text(), handle.remote(), null, null, null);
    }

    /** The same when it has. */
    static Bond made(Handler handler, Request.Handle handle, Caller.Begun begun) {
        InetSocketAddress datagrams = begun.udpPort() == 0 ? null
            : new InetSocketAddress(handle.remote().address().getAddress(), begun.udpPort());
        return new Bond(handler, handle.spec(), handle.remote().text(), handle.remote(), begun.name(), begun.token(),
            datagrams);
    }

    /** The same when the other end has come from elsewhere. */
    Bond from(String source) {
        return new Bond(handler, spec, source, place, name, token, datagrams);
    }

    /** Any thread: whether the handler is there, and has not agreed on anything else since. */
    boolean isCurrent() {
        Bond now = handler.bond();
        return now != null && now.token == token;
    }

    @Override
    public String toString() {
        return "Bond[" + handler.id() + ", " + peer + "]";
    }
}
