/**
 * Where frames enter and leave a dataplane. A port is made on a control thread, which opens its device; from
 * {@code attach} to {@code close} it belongs to the worker's thread, but for its name, state and counters, which
 * anyone may read. Imports {@code memory}, {@code counters}, {@code wire}, {@code sys}.
 */
package org.violin.dataplane.port;
