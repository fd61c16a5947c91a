package org.violin.control.client;

/** Why a command cannot go on: one line for an operator, with the mend where there is one. */
public final class ClientException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ClientException(String message) {
        super(message);
    }
}
