/**
 * The operating system for the rest of control: short commands, and the few system calls the JDK lacks (by JNA).
 * Imports nothing else of Violin.
 */
package org.violin.control.os;
