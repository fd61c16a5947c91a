package org.violin.control.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpProxyTest {
    @Test
    void readsAddressAndLogin() {
        assertThat(HttpProxy.parse("http://10.0.0.1:3128")).isEqualTo(new HttpProxy("10.0.0.1", 3128, null, ""));
        assertThat(HttpProxy.parse("http://proxy.example.net/"))
            .isEqualTo(new HttpProxy("proxy.example.net", 80, null, ""));
        assertThat(HttpProxy.parse("http://[2001:db8::1]:8080").host()).isEqualTo("2001:db8::1");
        assertThat(HttpProxy.parse("http://me:a%3Ab+c@h:1")).isEqualTo(new HttpProxy("h", 1, "me", "a:b+c"));
        assertThat(HttpProxy.parse("http://me@h:1")).isEqualTo(new HttpProxy("h", 1, "me", ""));
    }

    @Test
    void doesNotTellThePassword() {
        assertThat(HttpProxy.parse("http://me:secret@h:1")).hasToString("h:1");
        assertThatThrownBy(() -> HttpProxy.parse("http://me:secret@h:1/path")).hasMessageNotContaining("secret");
        assertThatThrownBy(() -> HttpProxy.parse("https://me:se%zzcret@h:1")).hasMessageNotContaining("cret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "h:1", "10.0.0.1:3128", "https://h:1", "http://", "http://:80", "http://h:99999",
        "http://h:1/x", "http://h:1?x", "mailto:x", "http://a b:1"})
    void refusesWhatIsNoProxy(String text) {
        assertThatThrownBy(() -> HttpProxy.parse(text)).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("http://proxy.example.net:3128");
    }
}
