package org.violin.control.jetway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.violin.control.os.Command;
import org.violin.control.os.Command.CommandException;
import org.violin.control.os.Libc;
import org.violin.control.spec.AllowSpec;
import org.violin.control.spec.JetwaySpec;

/**
 * The nftables table of a jetway in NAT mode. Its comment says whose it is and what the host's settings were before, so
 * the table is all that has to be known to remove the jetway.
 *
 * <p>What comes from the network is judged packet by packet: it may pass to one interface if it is allowed now, or is
 * an error that belongs to what is; a list that becomes shorter ends what it allowed. What comes to the network has to
 * be an answer. The host answers neighbours that look for the gateway, and pings of it; nothing else of it can be
 * reached. Where forwarding is on for the jetway's sake only, nothing but answers is forwarded from outside at all.
 *
 * @param name    of the table
 * @param comment a {@link Mark}, then what was before, as {@link Forwarding} writes it
 */
record NatTable(String name, String comment) {
    private static final String PREFIX = "violin-jetway-";
    private static final Pattern COMMENT = Pattern.compile("\\bcomment \"([^\"]*)\"");
    private static final Duration LIMIT = Duration.ofSeconds(10);

    static String name(String id) {
        return PREFIX + id;
    }

    /** The jetway's, as {@link Mark#id} has it. */
    String id() {
        return name.substring(PREFIX.length());
    }

    /** All jetways' tables in this network namespace, whoever made them; none for who cannot have made any. */
    static List<NatTable> all() {
        List<NatTable> tables = new ArrayList<>();
        if (!Libc.isRoot() || !isInstalled()) {
            return tables;
        }
        String list = Command.run(List.of("nft", "-j", "list", "tables"), LIMIT).orThrow().output();
        try {
            for (JsonNode each : new ObjectMapper().readTree(list).path("nftables").findValues("table")) {
                String name = each.path("name").asText();
                if (name.startsWith(PREFIX) && each.path("family").asText().equals("inet")) {
                    tables.add(new NatTable(name, comment(name)));
                }
            }
        } catch (IOException e) {
            throw new CommandException("nft -j list tables: " + e.getMessage());
        }
        return tables;
    }

    private static boolean isInstalled() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":")).filter(folder -> !folder.isEmpty())
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "nft")));
    }

    private static String comment(String table) {
        String text = Command.run(List.of("nft", "-t", "list", "table", "inet", table), LIMIT).output();
        Matcher matcher = COMMENT.matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }

    /** Puts the table in place, or another one in its place, in one go. */
    void put(JetwaySpec jetway, String outside) {
        run("table inet " + name + "\ndelete table inet " + name + "\n" + text(jetway, outside));
    }

    void delete() {
        run("delete table inet " + name + "\n");
    }

    private static void run(String commands) {
        if (!isInstalled()) {
            throw new JetwayException("the program 'nft' is not in PATH: sudo apt-get install -y nftables");
        }
        Command.Result result = Command.run(List.of("nft", "-f", "-"), commands, LIMIT);
        if (result.exit() != 0) {
            throw new JetwayException("nft: " + result.said().lines().findFirst().orElse("it failed"));
        }
    }

    String text(JetwaySpec jetway, String outside) {
        StringBuilder allowed = new StringBuilder();
        jetway.allow().forEach(rule -> rules(rule).forEach(line ->
            allowed.append("    ").append((line + " accept").strip()).append('\n')));
        StringBuilder opened = new StringBuilder();
        Forwarding.Saved.parse(comment).forEach(saved -> opened.append("    iifname \"").append(saved.device())
            .append("\" meta nfproto ").append(saved.family())
            .append(" ct state != { established, related } counter drop\n"));
        return """
            table inet %1$s {
              comment "%2$s"
              chain forward {
                type filter hook forward priority filter; policy accept;
                iifname "%3$s" fib saddr . iif oif missing counter drop comment "forged sources"
                iifname "%3$s" oifname "%4$s" jump outward
                iifname "%3$s" counter reject with icmpx type admin-prohibited
                oifname "%3$s" iifname "%4$s" ct state established,related accept
                oifname "%3$s" counter drop
            %5$s  }
              chain outward {
                ct state related accept
            %6$s  }
              chain input {
                type filter hook input priority filter; policy accept;
                iifname "%3$s" jump inward
              }
              chain inward {
                icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
                ct state established,related accept
                icmp type echo-request fib daddr . iif type local accept
                icmpv6 type echo-request fib daddr . iif type local accept
                counter reject with icmpx type admin-prohibited
              }
              chain postrouting {
                type nat hook postrouting priority srcnat; policy accept;
                iifname "%3$s" oifname "%4$s" masquerade
              }
            }
            """.formatted(name, comment, jetway.tap().device(), outside, opened, allowed);
    }

    /** What matches a rule: one line, or one for each protocol. */
    static List<String> rules(AllowSpec rule) {
        boolean ipv6 = rule.to().indexOf(':') >= 0;
        String to = rule.to().isEmpty() ? "" : (ipv6 ? "ip6 daddr " : "ip daddr ") + rule.to();
        return switch (rule.protocol()) {
            case ANY -> List.of(to);
            case PING -> {
                List<String> lines = new ArrayList<>();
                if (to.isEmpty() || !ipv6) {
                    lines.add((to + " icmp type echo-request").strip());
                }
                if (to.isEmpty() || ipv6) {
                    lines.add((to + " icmpv6 type echo-request").strip());
                }
                yield lines;
            }
            case TCP -> List.of((to + ports("tcp", rule)).strip());
            case UDP -> List.of((to + ports("udp", rule)).strip());
        };
    }

    private static String ports(String protocol, AllowSpec rule) {
        if (rule.fromPort() == 0) {
            return " meta l4proto " + protocol;
        }
        return " " + protocol + " dport " + rule.fromPort()
            + (rule.toPort() == rule.fromPort() ? "" : "-" + rule.toPort());
    }
}
