package org.violin.control.vnet;

/**
 * What a handler and another server have agreed on. It outlives connections; a handler whose virtual machines have
 * moved has another one from then on.
 *
 * @param spec  as this end sees it
 * @param peer  where the other server is, two words: {@code tls 192.0.2.1:7700}
 * @param place where this end connects to; null: the other end connects
 * @param name  what the other end calls the handler; null: not known, or of no use as the other end connects
 * @param token null: not known yet
 */
record Bond(Handler handler, HandlerSpec spec, String peer, Place place, String name, Token token) {
    /** One that the other end connects for. */
    static Bond taken(Handler handler, HandlerSpec spec, String peer) {
        return new Bond(handler, spec, peer, null, null, Token.random());
    }

    /** One that this end connects for. */
    static Bond made(Handler handler, Request.Handle handle, String name, Token token) {
        return new Bond(handler, handle.spec(), handle.remote().text(), handle.remote(), name, token);
    }

    /** The same when the other end has come from elsewhere. */
    Bond from(String source) {
        return new Bond(handler, spec, source, place, name, token);
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
