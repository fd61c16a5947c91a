/**
 * The packet engine: {@link org.violin.dataplane.Dataplane} and its configuration and status records. This package is
 * the module's public face; control imports nothing below it.
 */
package org.violin.dataplane;
