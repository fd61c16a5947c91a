package org.violin.dataplane;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.violin.dataplane.bridge.MacTable;
import org.violin.dataplane.wire.Ethernet;

/**
 * A station that a switch has learned.
 *
 * @param mac        {@code 02:00:0a:01:00:01}
 * @param port       the port it was last seen on
 * @param ageSeconds since its last frame
 */
public record MacStatus(String bridge, String mac, String port, int ageSeconds) {

    /** What a switch has learned. {@code portNames}: by index. */
    static List<MacStatus> of(String bridge, MacTable table, Map<Integer, String> portNames) {
        long[] stations = new long[table.size()];
        int[] ages = new int[stations.length];
        int count = table.snapshot(stations, ages);
        List<MacStatus> macs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String mac = Ethernet.format(MacTable.macOf(stations[i]));
            macs.add(new MacStatus(bridge, mac, portNames.get(MacTable.portOf(stations[i])), ages[i]));
        }
        return macs;
    }
}
