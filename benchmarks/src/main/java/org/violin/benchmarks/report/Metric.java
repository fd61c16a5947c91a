package org.violin.benchmarks.report;

/**
 * One kind of figure.
 *
 * @param key   names it in JSON and in file names
 * @param title names it in tables
 */
public record Metric(String key, String title, String unit) {
    public static Metric gigabits(String load) {
        return new Metric(load + ".gbits", load, "Gbit/s");
    }

    public static Metric cpu(String load) {
        return new Metric(load + ".cpu", load, "CPU s/GB");
    }

    /** @param what sent, received, loss or cpu */
    public static Metric frames(String load, String what) {
        return new Metric(load + "." + what, load + " " + what, switch (what) {
            case "loss" -> "%";
            case "cpu" -> "CPU us/frame";
            default -> "k/s";
        });
    }

    /** @param what p50, p99, p99.9, sd, or lost */
    public static Metric roundTrip(String load, String what) {
        return new Metric(load + "." + what, load + " " + what, what.equals("lost") ? "%" : "us");
    }

    /** @param what rss (at load) or peak */
    public static Metric memory(String what) {
        return new Metric("memory." + what, "memory " + what, "MB");
    }

    public static Metric idleCpu() {
        return new Metric("idle.cpu", "idle", "% of a core");
    }
}
