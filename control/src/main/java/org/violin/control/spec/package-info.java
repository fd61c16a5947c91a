/**
 * Desired state of one host as plain records: what the planner makes, the API carries and the daemon journals.
 * Immutable; imports nothing else of Violin.
 */
package org.violin.control.spec;
