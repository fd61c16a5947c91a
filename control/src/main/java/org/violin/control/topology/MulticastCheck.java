package org.violin.control.topology;

import java.util.List;
import org.violin.control.spec.MulticastSpec;

/** What stands under {@code multicast} of a switch. */
final class MulticastCheck {
    private static final String KEY = "multicast";
    private static final String INTERVAL = "query-interval";

    private MulticastCheck() {
    }

    static void run(YamlNode root, Problems problems) {
        for (YamlNode sw : root.mapping("switches").values()) {
            YamlNode multicast = sw.get(KEY);
            if (multicast != null && "false".equals(multicast.text("snooping"))) {
                List.of("querier", INTERVAL, "unknown").stream().filter(multicast::has).forEach(key ->
                    problems.atKey(multicast.child(key), key + ": means nothing with 'snooping: false'; remove it"));
            }
        }
    }

    /** Of a switch in which nothing is wrong. */
    static MulticastSpec read(YamlNode sw) {
        YamlNode multicast = sw.get(KEY);
        if (multicast == null) {
            return MulticastSpec.DEFAULT;
        }
        String interval = multicast.text(INTERVAL);
        return new MulticastSpec(!"false".equals(multicast.text("snooping")),
            "true".equals(multicast.text("querier")), interval == null ? MulticastSpec.DEFAULT.queryIntervalSeconds()
                : Integer.parseInt(interval.replaceAll("\\D", "")), "drop".equals(multicast.text("unknown")));
    }
}
