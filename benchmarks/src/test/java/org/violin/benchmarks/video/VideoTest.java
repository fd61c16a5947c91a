package org.violin.benchmarks.video;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.violin.benchmarks.video.VideoNet.Domain;

class VideoTest {
    private static final int NEARLY_WRAPPED = 0xfffe;

    private final RtpStream stream = new RtpStream();

    /** @param number whose last digit is all that the datagram carries */
    private void come(int number, long millis) {
        byte[] datagram = new byte[13];
        ByteBuffer.wrap(datagram).putShort(2, (short) number).put(12, (byte) (number % 10));
        // Behind others in the buffer, and at a clock that knows no zero.
        ByteBuffer buffer = ByteBuffer.allocate(20).position(5).put(datagram).flip().position(5);
        stream.add(buffer, TimeUnit.MILLISECONDS.toNanos(millis) - 1_000_000_000_000L);
        assertThat(buffer.remaining()).isEqualTo(datagram.length);
    }

    @Test
    void whatIsLateIsInItsPlaceAndTheNumbersWrap() {
        for (int number : List.of(NEARLY_WRAPPED, NEARLY_WRAPPED + 1, NEARLY_WRAPPED + 3, NEARLY_WRAPPED + 2)) {
            come(number, 0);
        }
        come(NEARLY_WRAPPED + 2, 1);
        assertThat(stream.count()).isEqualTo(4);
        assertThat(stream.payload()).containsExactly(digit(0), digit(1), digit(2), digit(3));
    }

    private static byte digit(int ahead) {
        return (byte) ((NEARLY_WRAPPED + ahead) % 10);
    }

    @Test
    void whatComesTooLateIsLost() {
        come(1, 0);
        come(4, 20);
        come(2, 520);
        come(3, 521);
        assertThat(stream.payload()).containsExactly(1, 2, 4);
        come(5, 10_000);
        assertThat(stream.count()).as("a pause is not late").isEqualTo(4);
    }

    @Test
    void whatIsNoRtpIsNoneOfIt() {
        stream.add(ByteBuffer.wrap(new byte[11]), 0);
        assertThat(stream.count()).isZero();
        assertThat(stream.payload()).isEmpty();
    }

    @Test
    void figuresOfFramesAreRead() {
        assertThat(VideoClip.parse("""
            n:1 mse_avg:0.50 mse_y:0.60 mse_u:0.1 mse_v:0.1 psnr_avg:51.14 psnr_y:50.35 psnr_u:58.13 psnr_v:58.13
            n:2 mse_avg:0.00 mse_y:0.00 mse_u:0.0 mse_v:0.0 psnr_avg:inf psnr_y:inf psnr_u:inf psnr_v:inf
            """)).containsExactly(50.35, 100.0);
    }

    @Test
    void theTreeHasOneRoot() {
        assertThat(Domain.far()).containsExactly(Domain.CHICAGO, Domain.WASHINGTON, Domain.BERKELEY);
        assertThat(Domain.PRINCETON.hops()).isZero();
        assertThat(Domain.WASHINGTON.hops()).isEqualTo(2);
        assertThat(Domain.BERKELEY).hasToString("berkeley");
    }
}
