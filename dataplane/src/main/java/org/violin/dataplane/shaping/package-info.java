/**
 * Link emulation: what a wide-area network does to frames, done on purpose. Seeded, so that a run can be repeated. A
 * line is shared by all workers, under its lock; the models in it are the line's.
 */
package org.violin.dataplane.shaping;
