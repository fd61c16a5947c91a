package org.violin.benchmarks.paper;

import java.util.List;
import java.util.OptionalDouble;

/**
 * A figure of the VNET paper's (Sundararaj and Dinda, "Towards Virtual Networks for Virtual Machine Grid Computing", VM
 * 2004), from the text of section 4.4. Its Figures 4 to 6 are drawings; what their text does not say is not here. The
 * VIOLIN report (Jiang and Xu, CSD TR 03-027) says no figures: its evaluation is to come.
 *
 * @param place  of {@link Place}
 * @param row    of {@link Rows}, or {@link #PIECES}
 * @param what   AVERAGE and DEVIATION are milliseconds, THROUGHPUT is megabytes a second
 * @param figure in which it is drawn
 * @param said   where the text has it
 */
record Published(String place, String row, What what, double value, int figure, String said) {

    /** Kinds of figures. */
    enum What {
        AVERAGE("average latency", "ms"), DEVIATION("standard deviation of latency", "ms"),
        THROUGHPUT("throughput", "MB/s");

        private final String title;
        private final String unit;

        What(String title, String unit) {
            this.title = title;
            this.unit = unit;
        }

        String title() {
            return title;
        }

        String unit() {
            return unit;
        }
    }

    /** What a ping of VNET's passes, measured by itself and added up: Client, Proxy, Host, VM. */
    static final String PIECES = "pieces";

    private static final String PIECE = "of the \"three distinct pieces\" that a ping passes";
    private static final String SUM = "the pieces' total";
    private static final String VNET = "\"VNET without SSL\"";
    private static final String VNET_SSL = "VNET \"with SSL\"";

    static final List<Published> ALL = List.of(
        average(Place.LAN, Rows.CLIENT_PROXY, 0.345, "the first " + PIECE),
        average(Place.LAN, Rows.HOST_PROXY, 0.457, "the second " + PIECE),
        average(Place.LAN, Rows.HOST_ONLY, 0.276, "the third " + PIECE + ", from the Host to the VM"),
        average(Place.LAN, PIECES, 1.078, SUM),
        average(Place.LAN, Rows.VNET, 1.742, VNET),
        average(Place.LAN, Rows.VNET_SSL, 11.393, VNET_SSL),
        average(Place.WAN, PIECES, 37.527, SUM),
        average(Place.WAN, Rows.VNET, 37.535, VNET),
        average(Place.WAN, Rows.VNET_SSL, 35.524, VNET_SSL),
        deviation(Place.LAN, PIECES, 1.717, SUM),
        deviation(Place.LAN, Rows.VNET, 7.765, VNET),
        deviation(Place.LAN, Rows.VNET_SSL, 116.112, VNET_SSL),
        deviation(Place.WAN, PIECES, 19.902, SUM),
        deviation(Place.WAN, Rows.VNET, 77.287, VNET),
        deviation(Place.WAN, Rows.VNET_SSL, 40.783, VNET_SSL),
        throughput(Place.LAN, Rows.HOST_CLIENT, 11.18, "\"the physical network equivalent\""),
        throughput(Place.LAN, Rows.NAT, 1.53, "VMware's NAT option"),
        throughput(Place.LAN, Rows.VNET, 6.76, VNET),
        throughput(Place.LAN, Rows.VNET_SSL, 1.85, VNET_SSL),
        throughput(Place.LAN, Rows.SSH, 3.67, "SCP of 1 GB from the Host to the Client"),
        throughput(Place.WAN, Rows.HOST_CLIENT, 1.93, "\"the physical network\""),
        throughput(Place.WAN, Rows.BRIDGED, 1.63, "VMware's bridged networking option"),
        throughput(Place.WAN, Rows.NAT, 0.72, "VMware's NAT option"),
        throughput(Place.WAN, Rows.VNET, 1.22, VNET),
        throughput(Place.WAN, Rows.VNET_SSL, 0.94, VNET_SSL),
        throughput(Place.WAN, Rows.SSH, 0.4, "SCP of 1 GB from the Host to the Client"));

    private static Published average(String place, String row, double value, String said) {
        return new Published(place, row, What.AVERAGE, value, 4, said);
    }

    private static Published deviation(String place, String row, double value, String said) {
        return new Published(place, row, What.DEVIATION, value, 5, said);
    }

    private static Published throughput(String place, String row, double value, String said) {
        return new Published(place, row, What.THROUGHPUT, value, 6, said);
    }

    static OptionalDouble value(String place, String row, What what) {
        return ALL.stream().filter(each -> each.place.equals(place) && each.row.equals(row) && each.what == what)
            .mapToDouble(Published::value).findFirst();
    }

    /** The paper's row that others are compared with: of latency the sum of the pieces, else what is end to end. */
    static OptionalDouble physical(String place, What what) {
        return value(place, what == What.THROUGHPUT ? Rows.HOST_CLIENT : PIECES, what);
    }

    /** A figure divided by that of the physical network; empty if the text does not say it. */
    static OptionalDouble ratio(String place, String row, What what) {
        OptionalDouble value = value(place, row, what);
        OptionalDouble physical = physical(place, what);
        return value.isPresent() && physical.isPresent()
            ? OptionalDouble.of(value.getAsDouble() / physical.getAsDouble()) : OptionalDouble.empty();
    }
}
