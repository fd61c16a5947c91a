/**
 * The worker: one thread that takes frames from ports, lets the bridge decide, and hands them to other ports. Nothing
 * in its duty cycle allocates, locks or logs. Control reaches it only through {@link
 * org.violin.dataplane.worker.WorkerProxy}'s queue. Imports all but the root.
 */
package org.violin.dataplane.worker;
