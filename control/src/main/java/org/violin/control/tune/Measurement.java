package org.violin.control.tune;

/**
 * What has come of one transport.
 *
 * @param failure why there are no figures; null: there are
 */
public record Measurement(Variant transport, String failure, Figures figures) {

    public static Measurement failed(Variant transport, String why) {
        return new Measurement(transport, why, null);
    }

    /** Of the last report of each end. */
    public static Measurement of(Variant transport, TrialReport sender, TrialReport receiver) {
        if (sender.failure() != null || receiver.failure() != null) {
            return failed(transport, sender.failure() != null ? sender.failure() : receiver.failure());
        }
        if (sender.sent() == null || receiver.received() == null) {
            return failed(transport, "it was stopped");
        }
        if (receiver.received().bulkBytes() == 0) {
            return failed(transport, "the path died: nothing of the bulk stream arrived");
        }
        return new Measurement(transport, null, Figures.of(sender.sent(), receiver.received()));
    }
}
