package org.violin.control.vnet;

import org.violin.control.identity.Clients;

/**
 * How a server knows its clients.
 *
 * @param password null: it has none
 * @param clients  by their certificates, none: by the password alone
 */
public record Admission(Password password, Clients clients) {
    /** Throws {@link IllegalArgumentException} if it could know nobody. */
    public Admission {
        if (password == null && clients.isEmpty()) {
            throw new IllegalArgumentException("neither a password nor clients");
        }
    }

    /**
     * What speaks against a client that has shown no certificate, or says a password all the same; null: nothing.
     * Takes as long as a hash.
     */
    String objection(Request.Hello hello) {
        if (hello.byCertificate()) {
            return clients.isEmpty() ? "this server knows clients by its password alone"
                : "'-' is for those who show a certificate that this server knows, and none was shown";
        }
        if (password == null) {
            return "this server has no password: show a certificate that it knows, and say HELLO "
                + Password.BY_CERTIFICATE + " " + Request.VERSION;
        }
        return password.matches(hello.password()) ? null : "this is not the password";
    }
}
