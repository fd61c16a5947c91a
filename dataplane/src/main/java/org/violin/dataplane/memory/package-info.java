/**
 * Frames in memory: a pool of off-heap slots and batches of references to them. Every object here belongs to one
 * worker and is used by its thread alone. Imports nothing else of Violin.
 */
package org.violin.dataplane.memory;
