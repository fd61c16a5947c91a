/**
 * A network as its user writes it, and what each host has to hold for it: {@link TopologyFile} reads and checks YAML,
 * {@link Planner} turns the result into one {@link org.violin.control.spec.NetworkSpec} for each host.
 *
 * <p>Everything here is pure: no state, no thread of its own, nothing of the machine but the file that is read. Any
 * thread may call. Imports {@code spec} and nothing else of Violin.
 */
package org.violin.control.topology;
