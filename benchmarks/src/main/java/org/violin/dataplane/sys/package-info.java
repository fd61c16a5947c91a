/** Bare calls beside those of the dataplane, for micro-benchmarks. It may import {@code java.lang.foreign}. */
package org.violin.dataplane.sys;
