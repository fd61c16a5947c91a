package org.violin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rules of CONTRIBUTING.md that a machine can hold: few, and without exceptions. */
class StyleTest {
    private static final int MAX_FILE_LINES = 500;
    private static final int MAX_METHOD_LINES = 70;
    private static final int MAX_COLUMNS = 120;

    /** Which packages of Violin each package of the dataplane may import; its root composes them all. */
    private static final Map<String, Set<String>> DATAPLANE = Map.of(
        "memory", Set.of(),
        "counters", Set.of(),
        "wire", Set.of("memory", "counters"),
        "sys", Set.of("memory", "counters", "wire"),
        "shaping", Set.of("memory", "counters", "wire", "sys"),
        "bridge", Set.of("memory", "counters", "wire"),
        "port", Set.of("memory", "counters", "wire", "sys", "bridge"),
        "tunnel", Set.of("memory", "counters", "wire", "sys", "bridge", "port"),
        "worker", Set.of("memory", "counters", "wire", "sys", "shaping", "bridge", "port", "tunnel"));

    /** The same for control; all but spec, os and topology also see the dataplane's root. */
    private static final Map<String, Set<String>> CONTROL = Map.ofEntries(
        Map.entry("spec", Set.of()),
        Map.entry("os", Set.of()),
        Map.entry("topology", Set.of("spec", "os")),
        Map.entry("keys", Set.of()),
        Map.entry("identity", Set.of("keys", "stream")),
        Map.entry("stream", Set.of("spec", "keys")),
        Map.entry("vnet", Set.of("spec", "os", "keys", "identity", "stream")),
        Map.entry("guest", Set.of("spec", "os")),
        Map.entry("jetway", Set.of("spec", "os")),
        Map.entry("host", Set.of("spec", "os", "keys", "identity", "stream", "guest", "jetway")),
        Map.entry("tune", Set.of("spec", "os", "host")),
        Map.entry("api", Set.of("spec", "os", "keys", "identity", "stream", "guest", "jetway", "host", "tune")),
        Map.entry("client", Set.of("spec", "os", "topology", "keys", "guest", "jetway", "tune", "api")),
        Map.entry("cli", Set.of("spec", "os", "topology", "keys", "identity", "stream", "vnet", "guest", "host", "tune",
            "api", "client")));

    private static final Pattern IMPORT = Pattern.compile("import (?:static )?org\\.violin\\.(\\w+)\\.([\\w.]+);");
    /** A method or constructor begins, of a class or of one nested in it. All in capitals is an enum's constant. */
    private static final Pattern METHOD = Pattern.compile("^( {4}| {8})(?! |return|throw|new|else|case|assert)"
        + "(?:(?:public|protected|private|static|final|abstract|synchronized|default) )*(?:<[^>]+> )?"
        + "(?:[\\w.<>\\[\\], ?]+ \\w+|[A-Z]\\w*[a-z]\\w*)\\((?!.*->).*");

    private final Path root = Path.of("..").toAbsolutePath().normalize();
    private final List<String> faults = new ArrayList<>();

    @Test
    void sourcesKeepTheirSize() {
        for (Path file : sources(".java", ".c", ".h")) {
            List<String> lines = read(file);
            check(lines.size() <= MAX_FILE_LINES, file, lines.size(), "more than " + MAX_FILE_LINES + " lines");
            for (int i = 0; i < lines.size(); i++) {
                check(lines.get(i).length() <= MAX_COLUMNS, file, i + 1, "more than " + MAX_COLUMNS + " columns");
                check(!lines.get(i).contains("\t"), file, i + 1, "a tab");
                check(lines.get(i).stripTrailing().equals(lines.get(i)), file, i + 1, "trailing blanks");
            }
            if (file.toString().endsWith(".java")) {
                checkMethods(file, lines);
            }
        }
        assertThat(faults).isEmpty();
    }

    private void checkMethods(Path file, List<String> lines) {
        for (int i = 0; i < lines.size(); i++) {
            Matcher method = METHOD.matcher(lines.get(i));
            if (method.matches()) {
                String end = method.group(1) + "}";
                int last = i;
                while (last < lines.size() && !lines.get(last).equals(end) && !lines.get(last).endsWith(";")) {
                    last += lines.get(last).endsWith("{") ? body(lines, last, end) : 1;
                }
                check(last - i < MAX_METHOD_LINES, file, i + 1, "a method of more than " + MAX_METHOD_LINES + " lines");
            }
        }
    }

    /** Lines from an opening brace to the line that closes the method. */
    private static int body(List<String> lines, int from, String end) {
        int line = from;
        while (line < lines.size() && !lines.get(line).equals(end)) {
            line++;
        }
        return line - from;
    }

    @Test
    void packagesImportOnlyWhatTheTableAllows() {
        checkImports("dataplane", DATAPLANE);
        checkImports("control", CONTROL);
        assertThat(faults).isEmpty();
    }

    private void checkImports(String module, Map<String, Set<String>> table) {
        Path base = root.resolve(module + "/src/main/java/org/violin/" + module);
        for (Path file : under(base, path -> path.toString().endsWith(".java"))) {
            Path folder = base.relativize(file).getParent();
            if (folder == null) {
                continue;
            }
            String name = folder.toString();
            check(table.containsKey(name), file, 1, "package " + name + " is not in the import table");
            List<String> lines = read(file);
            for (int i = 0; i < lines.size(); i++) {
                Matcher found = IMPORT.matcher(lines.get(i));
                if (found.matches()) {
                    check(allowed(module, name, table, found.group(1), found.group(2)), file, i + 1,
                        name + " may not import " + found.group(1) + "." + found.group(2));
                }
            }
        }
    }

    private static boolean allowed(
        String module, String from, Map<String, Set<String>> table, String toModule, String rest) {
        boolean isRoot = Character.isUpperCase(rest.charAt(0));
        if (!module.equals(toModule)) {
            boolean mayUse = !Set.of("spec", "os", "topology").contains(from);
            return module.equals("control") && toModule.equals("dataplane") && isRoot && mayUse;
        }
        String to = isRoot ? "" : rest.substring(0, rest.indexOf('.'));
        return to.equals(from) || table.getOrDefault(from, Set.of()).contains(to);
    }

    @Test
    void importsAreUsed() {
        Pattern imported = Pattern.compile("import (?:static )?[\\w.]+\\.(\\w+);");
        for (Path file : sources(".java")) {
            List<String> lines = read(file);
            String body = String.join("\n", lines.stream().filter(line -> !line.startsWith("import ")).toList());
            for (int i = 0; i < lines.size(); i++) {
                Matcher found = imported.matcher(lines.get(i));
                boolean used = !found.matches()
                    || Pattern.compile("\\b" + found.group(1) + "\\b").matcher(body).find();
                check(used, file, i + 1, "an import that nothing uses");
            }
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void foreignMemoryStaysInItsPackage() {
        for (Path file : sources(".java")) {
            boolean allowed = file.toString().contains("/dataplane/sys/") || file.endsWith("StyleTest.java");
            List<String> lines = read(file);
            for (int i = 0; i < lines.size() && !allowed; i++) {
                boolean foreign = lines.get(i).contains("java.lang.foreign") || lines.get(i).contains("sun.misc");
                check(!foreign, file, i + 1, "foreign memory outside dataplane.sys");
            }
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void nothingIsSuppressedOrLeftForLater() {
        Pattern banned = Pattern.compile("@SuppressWarnings|@Disabled|\\bTODO\\b|\\bFIXME\\b|\\bXXX\\b");
        for (Path file : sources(".java", ".c", ".h")) {
            List<String> lines = read(file);
            for (int i = 0; i < lines.size() && !file.endsWith("StyleTest.java"); i++) {
                Matcher found = banned.matcher(lines.get(i));
                check(!found.find(), file, i + 1, "banned");
            }
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void everyPackageSaysWhatItIs() {
        Set<Path> folders = new TreeSet<>();
        for (Path file : sources(".java")) {
            if (file.toString().contains("/src/main/")) {
                folders.add(file.getParent());
            }
        }
        for (Path folder : folders) {
            check(Files.exists(folder.resolve("package-info.java")), folder, 1, "no package-info.java");
        }
        assertThat(folders).hasSizeGreaterThan(10);
        assertThat(faults).isEmpty();
    }

    private void check(boolean good, Path file, int line, String fault) {
        if (!good) {
            faults.add(root.relativize(file) + ":" + line + ": " + fault);
        }
    }

    private List<Path> sources(String... endings) {
        List<Path> files = new ArrayList<>();
        for (String module : List.of("native", "dataplane", "control", "benchmarks")) {
            files.addAll(under(root.resolve(module), path -> !path.toString().contains("/target/")
                && Stream.of(endings).anyMatch(path.toString()::endsWith)));
        }
        assertThat(files).isNotEmpty();
        return files;
    }

    private static List<Path> under(Path folder, Predicate<Path> wanted) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).filter(wanted).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> read(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
