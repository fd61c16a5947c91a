/**
 * The kernel, seen from Java: the native library, off-heap memory, epoll, and frames in and out of descriptors by the
 * batch, sealed and protected where they are to be. The only package with foreign memory.
 *
 * <p>Opening and closing happen on control threads or the worker; a channel's {@code receive} and {@code send}, and a
 * poller but for its {@code wakeup}, belong to the worker's thread. Expected outcomes (would block) are return values;
 * set-up failures throw {@link org.violin.dataplane.DataplaneException} with the object, the call and the errno.
 * Imports {@code memory}, {@code counters}, {@code wire}.
 */
package org.violin.dataplane.sys;
