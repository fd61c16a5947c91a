package org.violin.control.client;

/** Where a long command tells what it is at: one line for each thing. Called by one thread. */
public interface Progress {

    /** @param what the thing, such as {@code host a} or {@code vhost1}: later calls with the same name are of it */
    void begin(String what, String text);

    void done(String what, String text);

    void failed(String what, String text);

    /** Nothing that has begun will end. */
    void abandon();
}
