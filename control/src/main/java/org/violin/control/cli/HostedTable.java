package org.violin.control.cli;

import java.util.List;
import org.violin.control.client.Survey;

/** Answers of many hosts, as a table or as {@link HostedJson}. */
final class HostedTable {
    enum Format { table, json }

    /** Writes one thing, found on a host, as a row. */
    interface Row<T> {
        void add(Table table, String host, T value);
    }

    private HostedTable() {
    }

    /** Prints what was answered; tells what was not on standard error. Returns the exit status. */
    static <T> int show(List<Survey.Answer<List<T>>> answers, Format format, Table table, Row<T> row) {
        if (format == Format.json) {
            System.out.println(HostedJson.render(answers));
        } else {
            answers.stream().filter(answer -> answer.error() == null).forEach(answer ->
                answer.value().forEach(value -> row.add(table, answer.host().name(), value)));
            System.out.print(table.render());
        }
        List<String> errors = answers.stream().filter(answer -> answer.error() != null)
            .map(answer -> answer.network() + ": " + answer.error()).toList();
        errors.forEach(error -> System.err.println("violin: " + error));
        return errors.isEmpty() ? Exit.OK : Exit.FAILED;
    }
}
