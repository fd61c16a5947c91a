package org.violin.control.topology;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads topology files. Stateless; any thread. */
public final class TopologyFile {
    /** A network of thousands of guests fits; more is a mistake. */
    public static final int MAX_BYTES = 1 << 20;

    private TopologyFile() {
    }

    /** Reads and checks a file; throws with everything that is wrong in it. */
    public static Topology load(Path file) throws TopologyException {
        Problems problems = new Problems(file.toString());
        byte[] bytes = new byte[0];
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            problems.add(Position.WHOLE_FILE, "there is no such file");
        } catch (IOException e) {
            problems.add(Position.WHOLE_FILE, "cannot be read: " + reason(file, e));
        }
        problems.throwIfAny();
        return parse(file.toString(), bytes);
    }

    /** Checks the content of a file; {@code file} is its name in errors. */
    public static Topology parse(String file, byte[] content) throws TopologyException {
        Problems problems = new Problems(file);
        String text = decode(content, problems);
        problems.throwIfAny();
        YamlNode root = YamlReader.read(text, problems);
        if (root != null) {
            SchemaCheck.run(root, problems);
            NameCheck names = NameCheck.run(root, problems);
            AddressCheck.run(root, WiringCheck.run(root, names, problems), problems);
            MulticastCheck.run(root, problems);
            ImpairCheck.run(root, problems);
            GuardCheck.run(root, problems);
            TunnelCheck.run(root, problems);
            JetwayCheck.run(root, problems);
            PacketCheck.run(root, problems);
            UdpPortCheck.run(root, problems);
            root.mapping("nodes").values().forEach(node -> startupConfig(node, problems));
        }
        problems.throwIfAny();
        return TopologyBuilder.build(root);
    }

    private static void startupConfig(YamlNode node, Problems problems) {
        if (node.has("startup-config") && !node.isUncertain("kind") && !"router".equals(node.text("kind"))) {
            problems.atKey(node.child("startup-config"), "startup-config: this node is a host; give it"
                + " 'kind: router' too, or remove this key");
        }
    }

    private static String decode(byte[] content, Problems problems) {
        if (content.length > MAX_BYTES) {
            problems.add(Position.WHOLE_FILE, "is larger than " + MAX_BYTES + " bytes, the most a topology may have");
            return "";
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT).onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(content);
        try {
            String text = decoder.decode(in).toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            int line = 1;
            int column = 1;
            for (int i = 0; i < in.position(); i++) {
                column = content[i] == '\n' ? 1 : column + 1;
                line += content[i] == '\n' ? 1 : 0;
            }
            problems.add(new Position(line, column), "not UTF-8; save the file in UTF-8");
            return "";
        }
    }

    private static String reason(Path file, IOException e) {
        return Files.isDirectory(file) ? "it is a directory" : e instanceof java.nio.file.AccessDeniedException
            ? "permission denied" : e.getMessage();
    }
}
