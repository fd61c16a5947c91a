/**
 * The guests of one daemon: processes of User-Mode-Linux and QEMU, their consoles, and the agent in each that runs
 * commands.
 *
 * <p>A guest belongs to no process: it leads its own session, its lines are FIFOs that it holds open itself, and all
 * that is needed to take it over is in its directory. {@link org.violin.control.guest.Guests} is the way in and is
 * thread-safe; per guest there are two threads for the agent's line (they block in read and write of a FIFO), and one
 * runtime thread for all watches lives and calls the listener.
 *
 * <p>May import {@code spec} and {@code os}.
 */
package org.violin.control.guest;
