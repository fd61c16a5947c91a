package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options that contradict each other, before anything has been made. */
class TunnelCommandTest extends CapturedOutput {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        say --local, where this end waits | --transport tcp
        tls needs --key-file | --transport tls --remote 10.77.0.2:7000
        auto needs --key-file | --transport auto --local 10.77.0.1:7000 --remote 10.77.0.2:7000
        udp: say --local | --remote 10.77.0.2:7000
        auto: say --local | --transport auto --remote 10.77.0.2:7000
        UDP does not pass one | --local 10.77.0.1:7000 --remote 10.77.0.2:7000 --proxy http://10.77.0.2:1
        --proxy: say --remote | --transport tcp --local 10.77.0.1:7000 --proxy http://10.77.0.2:1
        http://proxy.example.net:3128 | --transport tcp --remote 10.77.0.2:7000 --proxy 10.77.0.2
        a stream loses nothing | --transport tcp --remote 10.77.0.2:7000 --fec auto
        a stream has none | --transport tcp --remote 10.77.0.2:7000 --path-mtu 1400
        udp, tcp, tls, auto | --transport quic --remote 10.77.0.2:7000
        """)
    void isNamed(String part, String options) {
        List<String> arguments = new ArrayList<>(List.of("tunnel", "--insecure-plaintext", "--tap", "vt0"));
        arguments.addAll(List.of(options.strip().split(" ")));
        assertThat(Main.run(arguments.toArray(new String[0]))).isEqualTo(Exit.USAGE);
        assertThat(err()).contains(part.strip());
    }
}
