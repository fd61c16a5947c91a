package org.violin.control.topology;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * YAML text to a tree with positions. Scalars are read by the core schema of YAML 1.2: {@code on}, {@code no} and
 * {@code 12:30:45} are text. Aliases are expanded, up to a bound that no honest file reaches. Floating-point numbers
 * stay text, as a topology has none.
 */
final class YamlReader {
    private static final int MAX_DEPTH = 20;
    private static final String TOO_DEEP = "values are nested deeper than " + MAX_DEPTH + " levels";
    private static final int MAX_VALUES = 200_000;

    private final Problems problems;
    private final Map<Node, Boolean> open = new IdentityHashMap<>();
    private int values;

    private YamlReader(Problems problems) {
        this.problems = problems;
    }

    /** The file's one document; null, with at least one problem told, when it cannot be read at all. */
    static YamlNode read(String text, Problems problems) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(Integer.MAX_VALUE);       // the file's size is bounded before it is decoded
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setMaxAliasesForCollections(Integer.MAX_VALUE);       // bounded by MAX_VALUES, which counts expansion
        try {
            ParserImpl parser = new ParserImpl(new StreamReader(text), options);
            Node root = new Composer(parser, new CoreSchema(), options).getSingleNode();
            if (root == null) {
                problems.add(Position.START, "the file is empty; it needs at least 'network' and 'hosts'");
                return null;
            }
            return new YamlReader(problems).convert(root, null);
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
            problems.add(mark == null ? Position.START : Position.of(mark), sentence(e, text, mark));
        } catch (ReaderException e) {
            problems.add(position(text, e.getPosition()),
                String.format("the character U+%04X may not stand in YAML; remove it", e.getCodePoint()));
        } catch (UnusableException e) {
            problems.add(e.at, e.getMessage());
        } catch (YAMLException e) {
            problems.add(Position.START, e.getMessage().startsWith("Nesting Depth")
                ? TOO_DEEP : "not YAML: " + e.getMessage());
        }
        return null;
    }

    private static String sentence(MarkedYAMLException e, String text, Mark mark) {
        String problem = e.getProblem() == null ? String.valueOf(e.getContext()) : e.getProblem();
        if (problem.startsWith("but found another document")) {
            return "a second document; one file describes one network";
        }
        if (mark != null && text.codePoints().skip(mark.getIndex()).findFirst().orElse(0) == '\t') {
            return "a tab; indent with spaces";
        }
        String context = e.getContext() == null || e.getProblem() == null ? "" : e.getContext()
            + (e.getContextMark() == null ? "" : " from line " + Position.of(e.getContextMark()).line()) + ": ";
        return "not YAML: " + context + problem;
    }

    /** The position of the character with {@code index}, counted in UTF-16 units. */
    private static Position position(String text, int index) {
        String before = text.substring(0, Math.min(Math.max(index, 0), text.length()));
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        return new Position(line, before.length() - before.lastIndexOf('\n'));
    }

    private YamlNode convert(Node node, Position key) {
        Position at = Position.of(node.getStartMark());
        if (++values > MAX_VALUES) {
            throw new UnusableException(at, "the file stands for more than " + MAX_VALUES
                + " values when its aliases are expanded");
        }
        if (node instanceof ScalarNode scalar) {
            return YamlNode.scalar(value(scalar, at), key, at);
        }
        if (open.put(node, true) != null) {
            throw new UnusableException(at, "this value contains itself by an alias");
        }
        if (open.size() > MAX_DEPTH) {      // the parser has counted without aliases
            throw new UnusableException(at, TOO_DEEP);
        }
        if (!node.getTag().equals(Tag.MAP) && !node.getTag().equals(Tag.SEQ)) {
            unknownTag(node.getTag(), at);
        }
        YamlNode result = node instanceof MappingNode mapping ? convertMapping(mapping, key, at)
            : convertList((SequenceNode) node, key, at);
        open.remove(node);
        return result;
    }

    private YamlNode convertList(SequenceNode list, Position key, Position at) {
        YamlNode result = YamlNode.list(key, at);
        for (Node item : list.getValue()) {
            result.add(convert(item, null));
        }
        return result;
    }

    private YamlNode convertMapping(MappingNode mapping, Position key, Position at) {
        YamlNode result = YamlNode.mapping(key, at);
        Map<String, Position> seen = new HashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Position keyAt = Position.of(tuple.getKeyNode().getStartMark());
            if (!(tuple.getKeyNode() instanceof ScalarNode scalar)) {
                problems.add(keyAt, "a key has to be a plain word, not a list or a mapping");
                continue;
            }
            String name = scalar.getValue();
            if (name.equals("<<") && scalar.isPlain()) {
                problems.add(keyAt, "merge keys ('<<') are not part of YAML 1.2; write the keys out, or give the whole"
                    + " value by an alias");
                continue;
            }
            Position first = seen.putIfAbsent(name, keyAt);
            YamlNode value = convert(tuple.getValueNode(), keyAt);
            if (first != null) {
                problems.add(keyAt, "'" + Words.shorten(name) + "' is there already, on line " + first.line()
                    + "; give each key once");
            } else {
                result.put(name, value);
            }
        }
        return result;
    }

    private JsonNode value(ScalarNode node, Position at) {
        String text = node.getValue();
        Tag tag = node.getTag();
        JsonNodeFactory json = JsonNodeFactory.instance;
        if (tag.equals(Tag.STR)) {
            return json.textNode(text);
        }
        if (tag.equals(Tag.NULL)) {
            return json.nullNode();
        }
        if (tag.equals(Tag.BOOL)) {
            return json.booleanNode(text.equalsIgnoreCase("true"));
        }
        if (tag.equals(Tag.INT)) {
            return number(text);
        }
        unknownTag(tag, at);
        return json.textNode(text);
    }

    private void unknownTag(Tag tag, Position at) {
        String shown = tag.getValue().replace(Tag.PREFIX, "!!");
        problems.add(at, "the tag '" + Words.shorten(shown) + "' means nothing here; remove it");
    }

    /** A number beyond a long, which no field of a topology takes, stays text. */
    private static JsonNode number(String text) {
        try {
            long number = text.startsWith("0x") ? Long.parseLong(text, 2, text.length(), 16)
                : text.startsWith("0o") ? Long.parseLong(text, 2, text.length(), 8) : Long.parseLong(text);
            return JsonNodeFactory.instance.numberNode(number);
        } catch (NumberFormatException e) {
            return JsonNodeFactory.instance.textNode(text);
        }
    }

    /** The core schema of YAML 1.2 (section 10.3) without floating point; the library's own is that of YAML 1.1. */
    private static final class CoreSchema extends Resolver {
        private static final Pattern NULL = Pattern.compile("~|null|Null|NULL|");
        private static final Pattern BOOL = Pattern.compile("true|True|TRUE|false|False|FALSE");
        private static final Pattern INT = Pattern.compile("[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+");

        @Override
        protected void addImplicitResolvers() {
            addImplicitResolver(Tag.BOOL, BOOL, "tTfF");
            addImplicitResolver(Tag.INT, INT, "-+0123456789");
            addImplicitResolver(Tag.NULL, NULL, "~nN\0");
            addImplicitResolver(Tag.NULL, Pattern.compile(""), null);
        }
    }

    private static final class UnusableException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Position at;

        UnusableException(Position at, String message) {
            super(message);
            this.at = at;
        }
    }
}
