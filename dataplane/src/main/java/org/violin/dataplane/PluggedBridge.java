package org.violin.dataplane;

import java.util.List;
import org.violin.dataplane.bridge.Bridge;

/**
 * A bridge as control sees it. Any thread.
 *
 * @param views one for each worker
 */
record PluggedBridge(String name, List<Bridge> views) {
}
